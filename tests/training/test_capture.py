"""Whether an iteration can be recorded once and repeated, shown without a CUDA device.

A CUDA graph repeats operations with the places in memory and the numbers that it saw. So does the
tape of these tests, on the CPU: what the host would have decided anew is then visibly wrong.
"""

from copy import deepcopy
from functools import cache

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from sngan.assembly.compose import CONFIG_DIR, compose_trainings
from sngan.assembly.training import build_training
from sngan.step.batches import Batches
from sngan.training import capture
from sngan.training.train_step import TrainStep

CPU = torch.device("cpu")
SMALL = (
    "dataset=synthetic",
    "dataset.num_images=40",
    "dataset.image_size=16",
    "+scale=smoke",
    "setting.n_dis=2",
    "setting.batch_size=8",
)
METHODS = sorted(path.stem for path in (CONFIG_DIR / "method").iterdir())
ON_HOST = {torch.ops.aten._local_scalar_dense.default, torch.ops.aten.lift_fresh.default}
"""What waits for the device, and what copies a number of the host's to it."""


class Tape(TorchDispatchMode):
    """Records every operation under it; `replay` repeats them in place."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert func not in ON_HOST, f"{func} cannot be part of a CUDA graph"
        result = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, result))
        return result

    @torch.no_grad()
    def replay(self):
        for func, args, kwargs, result in self.calls:
            again = func(*args, **kwargs)
            results, agains = (x if isinstance(x, tuple | list) else (x,) for x in (result, again))
            for place, value in zip(results, agains, strict=True):
                if isinstance(place, torch.Tensor) and place.data_ptr() != value.data_ptr():
                    place.copy_(value)


@cache
def settings_of(words):
    ((settings, _),) = compose_trainings([[*SMALL, *words]])
    return settings


class Training:
    """A training, an iteration at a time."""

    def __init__(self, *words):
        torch.manual_seed(0)
        parts = build_training(deepcopy(settings_of(words)), CPU)
        self.iteration = parts.iteration
        self.step = TrainStep(parts.iteration, parts.schedule, CPU, average=parts.average)

    def train(self, count, update=None):
        for _ in range(count):
            self.iteration.prepare()
            (update or self.step.update)()

    def state(self):
        average = {} if self.step.average is None else self.step.average.state_dict()
        state = self.iteration.states.state_dict() | self.step.losses.state_dict()
        return state | {f"average {key}": value for key, value in average.items()}


def assert_same(first, second):
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def check_repeats(*words):
    """An epoch ends before, in and after the recorded iteration."""
    eager = Training(*words)
    eager.train(7)
    expected, random = eager.state(), torch.get_rng_state()

    recorded = Training(*words)
    recorded.train(2)  # Optimizers make their state in the first one.
    recorded.iteration.prepare()
    with Tape() as tape:
        recorded.step.update()
    recorded.train(4, tape.replay)
    assert torch.equal(torch.get_rng_state(), random)
    for name, state in recorded.state().items():
        if name.endswith("optimizer"):
            assert_same(state["state"], expected[name]["state"])
        else:
            assert_same(state, expected[name])


@pytest.mark.parametrize("architecture", ["cnn", "resnet_cifar"])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_recorded(method, architecture):
    check_repeats(f"method={method}", f"architecture={architecture}")


@pytest.mark.parametrize(
    "words",
    [
        ("+experiment=cifar10_projection",),
        ("+experiment=table8_spectral_norm",),
        ("+experiment=imagenet_concat", "dataset.image_size=32"),
        ("+experiment=cifar10_resnet", "setting.n_dis=2", "total_steps=8"),  # A rate that decays.
        ("joint_pass=true",),
        ("joint_pass=true", "single_sigma=true"),
        ("one_generator_pass=true",),
        ("precision=bfloat16",),
        ("method=spectral_norm", "regularizer=[spectral_norm,gradient_penalty]"),
        ("method=lecam", "regularizer.lecam.start=5"),  # It begins in the recorded iteration.
        ("method=lecam", "regularizer.lecam.start=11", "joint_pass=true", "precision=bfloat16"),
        ("method=gradient_normalization", "joint_pass=true", "precision=bfloat16"),
        ("method=gradient_normalization", "regularizer=[spectral_norm,gradient_normalization]"),
        ("setting.batch_size=40",),  # An epoch a batch.
        ("architecture.generator.noise=uniform",),
        ("accumulation=2", "method=wgan_gp"),
        ("gradient_clipping.max_norm=0.1", "optimizer=adamw", "optimizer.discriminator.lr=0.01"),
        ("optimizer=sgd", "schedule=cosine", "total_steps=8"),
        ("schedule=step", "total_steps=8"),
        ("average=ema",),
        ("augmentation=diff_augment",),
        ("augmentation=adaptive", "augmentation.p=0.5", "augmentation.ada_kimg=0.1"),
        ("augmentation=adaptive", "augmentation.p=0.9", "method=r3gan", "precision=bfloat16"),
        ("augmentation=diff_augment", "method=wgan_gp", "joint_pass=true", "accumulation=2"),
        ("method=r3gan", "setting.generator_batch_size=16"),
        ("method=r3gan", "architecture=resnet_cifar", "joint_pass=true", "accumulation=2"),
        ("average=ema", "average.start=4", "precision=bfloat16", "setting.n_dis=1"),
    ],
    ids=" ".join,
)
def test_every_kind_of_network_and_mode_can_be_recorded(words):
    check_repeats(*words)


def test_the_tape_shows_what_the_host_decides(monkeypatch):
    """With the place in the data as a number of the host's, batches repeat."""

    def take(batches, _index):
        place = batches._first - batches._count * batches.batch_size
        numbers = batches._order[place : place + batches.batch_size]
        return batches.images[numbers], batches.labels[numbers]

    monkeypatch.setattr(Batches, "_take", take)
    with pytest.raises(AssertionError, match="not equal"):
        check_repeats()


def test_an_aborted_recording_leaves_nothing_behind():
    """It may stop anywhere; the same iteration is then run operation by operation."""
    whole, torn = Training(), Training()
    for training in (whole, torn):
        torch.manual_seed(1)
        training.train(1)
        training.iteration.prepare()
    random = torch.get_rng_state()
    place = torn.iteration.batches._place.clone()
    next(torn.iteration.batches.prepared())
    torn.iteration.batches._place.copy_(place)  # Nothing was computed.
    states = []
    for training in (whole, torn):
        torch.set_rng_state(random)
        training.step.update()
        training.train(3)
        states.append(training.iteration.discriminator.state_dict())
    assert_same(*states)


def test_on_the_cpu_a_function_stays_what_it_is():
    assert capture.captured(print, CPU) is print


class FakeCuda:
    """Stands in for `torch.cuda`: a graph that remembers what was called while it recorded."""

    def __init__(self, monkeypatch, error=None):
        self.log = []
        self.error = error
        self.generator = self
        for name in ("Stream", "CUDAGraph", "graph", "stream", "current_stream", "set_stream"):
            monkeypatch.setattr(capture.torch.cuda, name, getattr(self, name))
        monkeypatch.setattr(capture, "cuda_generator", lambda device: self)

    def Stream(self, device):
        return self

    current_stream = Stream
    is_recording = False

    def wait_stream(self, other):
        pass

    def set_stream(self, stream):
        assert stream is self
        self.log.append("stream from before")

    def CUDAGraph(self):
        return self

    def stream(self, stream):
        return self

    def graph(self, graph, stream, capture_error_mode):
        assert capture_error_mode == "thread_local"
        self.is_recording = True
        return self

    def __enter__(self):
        pass

    def __exit__(self, *error):
        was_recording, self.is_recording = self.is_recording, False
        if was_recording and self.error:
            raise self.error

    def clone_state(self):
        return "before"

    def graphsafe_set_state(self, state):
        self.log.append(f"random state from {state}")

    def replay(self):
        self.log.append("replay")


def run_captured(cuda, calls):
    function = capture.captured(
        lambda: cuda.log.append("record" if cuda.is_recording else "run"), torch.device("cuda")
    )
    for _ in range(calls):
        function()


def test_recorded_once_after_warm_up(monkeypatch):
    cuda = FakeCuda(monkeypatch)
    run_captured(cuda, 6)
    assert cuda.log == ["run", "run", "run", "record", "replay", "replay", "replay"]


def test_goes_on_operation_by_operation_with_one_line(monkeypatch, caplog):
    cuda = FakeCuda(monkeypatch, RuntimeError("operation not permitted\nmore"))
    run_captured(cuda, 6)
    assert cuda.log == [
        *["run"] * 3,
        "record",
        "random state from before",
        "stream from before",
        *["run"] * 3,
    ]
    assert [record.getMessage() for record in caplog.records] == [
        "no CUDA graph, running operation by operation: operation not permitted"
    ]
