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
    for extractor in ("efficientnet_lite0", "inception"):
        weights = ("extractor.weights=random:0",) if extractor == "inception" else ()
        arguments = (f"extractor={extractor}", *weights, "protocol=quickstart")
        assert "distance" in command("sngan-eval", "run", *arguments).stdout


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


def test_features_and_scores_equal_those_of_the_cpu():
    """TF32 would show: with it a feature is off by more than 1e-4 of its size."""
    from sngan.extractor.inception import Inception
    from sngan.metric.inception_score import InceptionScore
    from sngan.metric.moments import Moments
    from sngan.scoring.feature_pass import FeaturePass
    from sngan.scoring.source import Fixed

    images = torch.randint(256, (40, 3, 32, 32), dtype=torch.uint8)
    results = []
    for device in ("cpu", "cuda"):
        extractor = Inception("random:0")
        extractor.to(torch.device(device))
        moments, score = Moments(), InceptionScore(40, 2)
        describe = FeaturePass(extractor, torch.device(device))
        for batch in describe(Fixed(images, ""), {None: 40}, ""):
            moments.update(batch.features.pool)
            score.update(batch.index, batch.features.logits)
        results.append((*moments.result(), *score.result()))
    for on_cpu, on_gpu in zip(*results, strict=True):
        torch.testing.assert_close(
            torch.as_tensor(on_gpu).cpu(), torch.as_tensor(on_cpu), rtol=1e-4, atol=1e-5
        )


def test_backs_off_from_a_batch_that_does_not_fit():
    from sngan.extractor.inception import Inception
    from sngan.scoring.feature_pass import FeaturePass
    from sngan.scoring.source import Fixed

    device = torch.device("cuda")
    extractor = Inception("random:0")
    extractor.to(device)
    free, total = torch.cuda.mem_get_info()
    images = torch.zeros(512, 3, 32, 32, dtype=torch.uint8)
    try:
        torch.cuda.set_per_process_memory_fraction((total - free + 4 * 2**30) / total)
        describe = FeaturePass(extractor, device, batch_size=512)
        batches = list(describe(Fixed(images, ""), {None: 512}, ""))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert describe.batch_size < 512
    assert torch.cat([batch.index for batch in batches]).tolist() == [*range(512)]


def test_scores_during_training(command, tmp_path):
    command(
        "sngan-train",
        *(*SMOKE, "run_dir=run", "monitor=[scores]", "monitor.scores.every=2"),
        *("extractor@monitor.scores.extractor=efficientnet_lite0",),
        *("protocol@monitor.scores.protocol=quickstart",),
    )
    assert (tmp_path / "run" / "best.json").exists()


def test_reproduces_a_figure(command, tmp_path):
    settings = ("--scale", "smoke", "--only", "figure9", "device=cuda", "--folder", "r")
    assert "1 finished" in command("sngan-reproduce", *settings).stdout
    command("sngan-report", "r")
    assert torch.cuda.get_device_name() in (tmp_path / "r" / "report.html").read_text()
