import json
import sys

import pytest
import torch

from scripts.benchmark.loader import EPOCH, Pictures, endless
from scripts.benchmark.mimicry import MimicryIteration, find_mimicry
from scripts.benchmark.numerics import kept_switches
from scripts.benchmark.ours import MODES, build, step_of, words_of
from scripts.benchmark.plain import PlainIteration
from scripts.benchmark.task import Task
from sngan.assembly.compose import compose_trainings
from sngan.loss.wasserstein import WassersteinLoss

CPU = torch.device("cpu")
SMALL = {"n_dis": 2, "batch_size": 3, "width": 0.03125, "image_size": 16}


@pytest.mark.parametrize("network", ["cnn", "resnet"])
@pytest.mark.parametrize("mode", sorted({*MODES} - {"tf32"}))
def test_ours_do_the_task(network, mode):
    with kept_switches():
        _, training = build(words_of(Task(network, **SMALL), mode), CPU)
    iteration = training.iteration
    assert (iteration.n_dis, iteration.batch_size, iteration.generator_batch_size) == (2, 3, 3)
    iteration.batches.prepare(1)
    assert iteration.batches.next()[0].shape == (3, 3, 16, 16)
    assert (iteration.autocast_dtype == torch.bfloat16) == (mode == "fast")


def test_each_mode_is_another():
    task = Task("resnet", **SMALL)
    with pytest.raises(ValueError, match="precision=tf32 needs a CUDA device"):
        build(words_of(task, "tf32"), CPU)
    composed = [settings for settings, _ in compose_trainings([words_of(task, x) for x in MODES])]
    assert len({json.dumps(settings) for settings in composed}) == len(MODES)


def test_further_words_win():
    words = words_of(Task("cnn", **SMALL), "exact", "method=wgan_gp", "setting=D")
    with kept_switches():
        iteration = build(words, CPU)[1].iteration
    assert isinstance(iteration.loss, WassersteinLoss)
    assert float(iteration.generator_optimizer.param_groups[0]["lr"]) == pytest.approx(0.001)
    assert iteration.n_dis == 2  # Of the task, not of the setting.


def test_the_step_of_ours_trains_and_decays_the_rates(monkeypatch):
    words = words_of(Task("resnet", **SMALL), "exact")
    with kept_switches():
        built = build(words, CPU)
        monkeypatch.setattr("scripts.benchmark.ours.build", lambda words, device: built)
        step = step_of(words, CPU)
    iteration = built[1].iteration
    rates, weights = _rates(iteration), _weights(iteration)
    step()
    assert all(after < before for after, before in zip(_rates(iteration), rates, strict=True))
    assert all(not torch.equal(*pair) for pair in zip(_weights(iteration), weights, strict=True))


@pytest.mark.parametrize(
    ("words", "eager", "expected"),
    [((), False, 1), ((), True, 0), (("cuda_graph=false",), False, 0)],
)
def test_the_step_of_ours_is_recorded_unless_told_otherwise(monkeypatch, words, eager, expected):
    recorded = []
    monkeypatch.setattr(
        "sngan.training.train_step.captured", lambda update, device: recorded.append(1) or update
    )
    with kept_switches():
        step_of(words_of(Task("cnn", **SMALL), "exact", *words), CPU, eager=eager)
    assert len(recorded) == expected


def _rates(iteration):
    optimizers = (iteration.generator_optimizer, iteration.discriminator_optimizer)
    return [float(optimizer.param_groups[0]["lr"]) for optimizer in optimizers]


def _weights(iteration):
    return [next(x.parameters()).clone() for x in (iteration.generator, iteration.discriminator)]


@pytest.mark.parametrize("network", ["cnn", "resnet"])
def test_plain_updates_the_discriminator_n_dis_times_and_the_generator_once(network, monkeypatch):
    plain = PlainIteration(Task(network, **SMALL), CPU)
    order = []
    for name, optimizer in zip("gd", plain.optimizers, strict=True):
        monkeypatch.setattr(
            optimizer, "step", lambda n=name, step=optimizer.step: (order.append(n), step())
        )
    weights = [next(x.parameters()).clone() for x in (plain.generator, plain.discriminator)]
    plain()
    assert order == ["d", "d", "g"]
    after = [next(x.parameters()) for x in (plain.generator, plain.discriminator)]
    assert all(not torch.equal(*pair) for pair in zip(weights, after, strict=True))
    assert all(plain.losses.values())


def test_plain_losses():
    logits = torch.tensor([0.0, 3.0])
    hinge = PlainIteration(Task("resnet", **SMALL), CPU)
    assert (hinge._of_real(logits), hinge._of_fake(logits)) == (0.5, 2.5)
    standard = PlainIteration(Task("cnn", **SMALL), CPU)
    expected = torch.nn.functional.binary_cross_entropy_with_logits
    torch.testing.assert_close(standard._of_real(logits), expected(logits, torch.ones(2)))
    torch.testing.assert_close(standard._of_fake(logits), expected(logits, torch.zeros(2)))


def test_loader_reads_pictures_as_torchvision_does():
    pictures = Pictures(16)
    assert len(pictures) == EPOCH
    image, _ = pictures[7]
    expected = torch.from_numpy(pictures.images[7]).permute(2, 0, 1) / 127.5 - 1
    torch.testing.assert_close(image, expected)
    images, labels = next(endless(Task("cnn", **SMALL)))
    assert images.shape == (3, 3, 16, 16)
    assert labels.shape == (3,)


def test_loader_has_the_workers_asked_for(monkeypatch):
    monkeypatch.setattr("scripts.benchmark.loader.EPOCH", 8)
    monkeypatch.setattr(
        "scripts.benchmark.loader.DataLoader", lambda *_, num_workers, **__: [num_workers]
    )
    assert next(endless(Task("cnn", workers=3))) == 3


MIMICRY = {
    "__init__.py": "import tensorflow_that_nobody_has",
    "training/__init__.py": "import tensorboard_that_nobody_has",
    "training/metric_log.py": "class MetricLog(list): pass",
    "nets/__init__.py": "",
    "nets/sngan/__init__.py": "from .sngan_32 import *",
    "nets/sngan/sngan_32.py": """
import torch

class Network(torch.nn.Linear):
    def __init__(self, **arguments):
        super().__init__(1, 1)
        self.arguments = arguments

class SNGANGenerator32(Network):
    def train_step(self, real_batch, netD, optG, log_data, device):
        log_data.append(("generator", real_batch[0].shape))
        self.log = log_data

class SNGANDiscriminator32(Network):
    def train_step(self, real_batch, netG, optD, log_data, device):
        log_data.append(("discriminator", real_batch[0].shape))
        return log_data
""",
}


@pytest.fixture
def mimicry(tmp_path, monkeypatch):
    """A package laid out as torch-mimicry, that cannot be imported as a whole either."""
    for name, text in MIMICRY.items():
        path = tmp_path / "torch_mimicry" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.startswith("torch_mimicry")]:
            patch.delitem(sys.modules, name)
        yield tmp_path
        for name in [name for name in sys.modules if name.startswith("torch_mimicry")]:
            del sys.modules[name]


def test_mimicry_trains_in_the_order_of_its_trainer_without_its_dependencies(mimicry):
    package = find_mimicry(mimicry)
    iteration = MimicryIteration(Task("resnet", **SMALL), CPU, package)
    iteration()
    shape = (3, 3, 16, 16)
    assert iteration.generator.log == [
        ("discriminator", shape),
        ("discriminator", shape),
        ("generator", shape),
    ]
    assert iteration.generator.arguments == {"nz": 128, "ngf": 8, "bottom_width": 2}
    assert iteration.discriminator.arguments == {"ndf": 4}


def test_mimicry_is_found_where_it_is_said_to_be(mimicry, monkeypatch, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    with pytest.raises(FileNotFoundError, match=r"--mimicry .*torch_mimicry.*empty"):
        find_mimicry(empty)
    monkeypatch.setattr(sys, "path", [str(empty)])
    assert find_mimicry(None) is None
    monkeypatch.setattr(sys, "path", [str(mimicry)])
    assert find_mimicry(None) == mimicry / "torch_mimicry"
