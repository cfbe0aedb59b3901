"""What only a CUDA device can show."""

import pytest
import torch

from sngan import checkpoint
from sngan.cli import CONFIG_DIR

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
SMOKE = ("+scale=smoke", "dataset=synthetic", "device=cuda")


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("experiment", ["cifar10", "cifar10_resnet"])
def test_trains_resumes_and_scores(command, tmp_path, experiment, precision):
    settings = (f"+experiment={experiment}", f"precision={precision}", "channels_last=true")
    command("sngan-train", *settings, *SMOKE, "run_dir=run")
    command("sngan-train", "resume=run", "total_steps=6")
    assert checkpoint.load(checkpoint.latest(tmp_path / "run"))["step"] == 6
    extractor = ("extractor=efficientnet_lite0", "protocol=quickstart")
    assert "distance" in command("sngan-eval", "run", *extractor).stdout


METHODS = sorted(path.stem for path in (CONFIG_DIR / "method").iterdir())


@pytest.mark.parametrize("architecture", ["cnn", "resnet_cifar"])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_trains(command, method, architecture):
    monitors = "monitor=[singular_values,validation_loss]"
    chosen = (f"method={method}", f"architecture={architecture}", monitors)
    command("sngan-train", *chosen, *SMOKE, "run_dir=run")
    command("sngan-analyze", "run")


@pytest.mark.parametrize("experiment", ["cifar10_projection", "table8_spectral_norm"])
def test_conditional_networks_train(command, experiment):
    command("sngan-train", f"+experiment={experiment}", *SMOKE, "run_dir=run")


def test_first_losses_equal_those_of_the_cpu_from_the_same_networks():
    """A float32 forward pass with TF32 off differs by rounding only."""
    from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
    from sngan.device import use_exact_float32
    from sngan.regularizer.spectral_norm import SpectralNorm

    use_exact_float32()
    generator = ResNetCifarGenerator(32, width=0.25)
    discriminator = ResNetCifarDiscriminator(32, SpectralNorm().wrap_layer, width=0.25)
    z = torch.randn(16, 128)
    state = [{k: v.clone() for k, v in x.state_dict().items()} for x in (generator, discriminator)]
    on_cpu = discriminator(generator(z)).logits
    for network, saved in zip((generator, discriminator), state, strict=True):
        network.load_state_dict(saved)
        network.cuda()
    on_gpu = discriminator(generator(z.cuda())).logits
    torch.testing.assert_close(on_gpu.cpu(), on_cpu, rtol=1e-4, atol=1e-4)
