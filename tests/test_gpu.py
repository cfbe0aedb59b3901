"""What only a CUDA device can show."""

import time

import pytest
import torch

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.training import build_training
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.metrics import Metrics
from sngan.training.meters import Besides

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
    assert checkpoint.load(latest(tmp_path / "run"))["step"] == 6
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
    from sngan.regularizer.spectral_norm import SpectralNorm
    from sngan.system.float32 import use_exact_float32

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
    from sngan.metric.inception_score import SplitScores
    from sngan.metric.parts.moments import Moments
    from sngan.scoring.feature_pass import FeaturePass
    from sngan.scoring.source import Fixed
    from sngan.system.workers import Workers

    images = torch.randint(256, (40, 3, 32, 32), dtype=torch.uint8)
    results = []
    for device in ("cpu", "cuda"):
        extractor = Inception("random:0")
        extractor.to(torch.device(device))
        moments, score = Moments(), SplitScores(40, 2)
        describe = FeaturePass(extractor, torch.device(device))
        for batch in describe(Fixed(images, ""), {None: 40}, ""):
            moments.update(batch.features.pool)
            score.update(batch.index, batch.features)
        scores = score.result(Workers(), None).values()
        results.append((*moments.result(), *scores))
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


WORDS = ("dataset=synthetic", "dataset.num_images=300", "total_steps=60", "setting.n_dis=2")
SMALL = ("architecture.width=0.25", "setting.batch_size=16", "setting.generator_batch_size=16")
NETWORKS = {
    "cnn": (),
    "resnet": ("architecture=resnet_cifar", "loss=hinge", "preprocessing=dequantized"),
    "projection": ("+experiment=cifar10_projection",),
    "classifier": ("+experiment=table8_spectral_norm",),
}


def trained(steps, *words, recorded=False, nudge=0.0):
    """Train as the loop does.

    Args:
        steps: Iterations.
        words: Of the command line.
        recorded: Whether to record the iteration.
        nudge: Relative change of G's first weights before the first step.
    """
    from sngan.assembly.compose import compose_trainings
    from sngan.system.float32 import set_float32_precision
    from sngan.training.train_step import TrainStep

    device = torch.device("cuda")
    ((config, _),) = compose_trainings([[*words, *WORDS, *SMALL]])
    set_float32_precision(config["precision"], device)
    torch.manual_seed(0)
    training = build_training(config, device)
    with torch.no_grad():
        training.iteration.generator.dense.weight.mul_(1 + nudge)
    step = TrainStep(training.iteration, training.schedule, device, recorded, training.average)
    values = []
    for _ in range(steps):
        step()
        values.append([*step.losses.take().values()])
    return torch.tensor(values, dtype=torch.float64), step


def assert_captured_equals_eager(*words):
    """Fifty iterations, equal to float32 rounding.

    Rounding grows in a GAN: what it grows to is seen from a twin whose first weights differ by it.
    """
    eager, _ = trained(50, *words)
    twin, _ = trained(50, *words, nudge=3e-7)
    replayed, step = trained(50, *words, recorded=True)
    assert step.is_recorded
    growth = (twin - eager).abs().amax(dim=1).cummax(dim=0).values
    difference = (replayed - eager).abs().amax(dim=1)
    assert (difference <= 5 * growth + 1e-5).all(), f"{difference} against {growth}"


@pytest.mark.parametrize("method", METHODS)
def test_captured_equals_eager_for_every_method(method):
    assert_captured_equals_eager(f"method={method}")


@pytest.mark.parametrize("network", NETWORKS)
def test_captured_equals_eager_for_every_network(network):
    assert_captured_equals_eager(*NETWORKS[network])


@pytest.mark.parametrize(
    "switch",
    [("joint_pass=true",), ("joint_pass=true", "single_sigma=true"), ("one_generator_pass=true",)],
    ids=" ".join,
)
def test_captured_equals_eager_for_every_switch(switch):
    assert_captured_equals_eager(*switch)


def test_captured_equals_eager_with_streamed_pictures(monkeypatch):
    monkeypatch.setattr("sngan.step.splits.free_memory", lambda device: 0)
    assert_captured_equals_eager()


def losses_of(run):
    import json

    lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [line["value"] for line in lines if line["name"].startswith("loss/")]


SHORT = (*WORDS, *SMALL, "device=cuda", "total_steps=8", "checkpoint_every=4", "log_every=1")


def test_a_captured_run_is_continued(command, tmp_path):
    """The rest of a run is that of an uninterrupted one: a graph of another process, as it were."""
    command("sngan-train", *SHORT, "run_dir=whole")
    command("sngan-train", *SHORT, "run_dir=half", "total_steps=4")
    command("sngan-train", "resume=half", "total_steps=8")
    assert losses_of(tmp_path / "half") == pytest.approx(losses_of(tmp_path / "whole"), rel=1e-2)


def test_what_cannot_be_captured_goes_on_with_one_line(caplog):
    from sngan.training.capture import captured

    total = torch.zeros((), device="cuda")
    call = captured(lambda: total.add_(1 + 0 * total.item()), torch.device("cuda"))
    for _ in range(6):
        call()
    assert total.item() == 6
    assert not call.is_recorded
    torch.rand(3, device="cuda")  # Random numbers are not left in the middle of a recording.
    assert len([r for r in caplog.records if "no CUDA graph" in r.getMessage()]) == 1


def test_packed_and_captured_trainings_are_those_alone(command, tmp_path):
    command("sngan-train", *SHORT, "pack=3", "run_dir=packed")
    command("sngan-train", *SHORT, "seed=1", "run_dir=alone")
    packed, alone = (losses_of(tmp_path / name) for name in ("packed/seed_1", "alone"))
    assert packed == pytest.approx(alone, rel=1e-2)


@pytest.mark.parametrize("experiment", ["stl10", "stl10_resnet"])
def test_stl10_trains_in_8_gb(command, experiment, tmp_path):
    """As on a card of 8 GB, whose pictures take 691 MB; weights, activations and graph together."""
    import json

    pictures = ("dataset=synthetic", "dataset.image_size=48", "dataset.num_images=105000")
    words = (f"+experiment={experiment}", *pictures, "total_steps=20", "log_every=10")
    command("sngan-train", *words, "device=cuda", "run_dir=run")
    lines = map(json.loads, (tmp_path / "run/metrics.jsonl").read_text().splitlines())
    peaks = [line["value"] for line in lines if line["name"] == "memory/peak_gib"]
    assert max(peaks) < 7  # The system and the context take the rest.


def test_tf32_and_compile_train(command):
    tf32, compiled = "precision=tf32", "compile=true"
    for index, words in enumerate(((tf32,), (compiled,), (tf32, compiled))):
        command("sngan-train", *SMOKE, *words, f"run_dir={index}")


def test_what_comes_besides_is_measured_in_the_queue_of_the_device(tmp_path):
    """The iterations that are queued when a monitor begins are training."""
    besides = Besides(Metrics(tmp_path / "metrics.jsonl"), torch.device("cuda"))
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    torch.cuda._sleep(1_000_000_000)  # About half a second.
    end.record()
    with besides.counted():
        torch.cuda.synchronize()
        time.sleep(0.1)
    torch.cuda.synchronize()
    assert start.elapsed_time(end) > 200
    assert 0.1 <= besides.take() < 0.15
