"""Speed is that of training alone; what comes besides has a share, and enters the time left."""

import logging
from types import SimpleNamespace

import pytest
import torch

from sngan.dataset.synthetic import SyntheticShapes
from sngan.loss.standard import StandardLoss
from sngan.monitor.base import Monitor
from sngan.preprocessing.symmetric import Symmetric
from sngan.regularizer.none import NoRegularizer
from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.metrics import Metrics, read_metrics
from sngan.schedule.linear import Linear
from sngan.step.splits import Splits
from sngan.system.progress import PacedBar
from sngan.training import watch
from sngan.training.loop import train
from sngan.training.meters import Besides, Speed
from sngan.training.schedule import LearningRates
from sngan.training.train_step import TrainStep

CPU = torch.device("cpu")


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self):
        self.now = 0.0

    def after(self, seconds, function):
        """Let a function take some time."""

        def slow(*arguments, **settings):
            self.now += seconds
            return function(*arguments, **settings)

        return slow


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    time = SimpleNamespace(monotonic=lambda: clock.now)
    monkeypatch.setattr("sngan.run_folder.metrics.time", time)
    return clock


class Slow(Monitor):
    """Takes 40 seconds."""

    def __init__(self, clock, every):
        super().__init__(every)
        self.clock = clock

    def measure(self, iteration, splits):
        self.clock.now += 40
        return {"looked": 1.0}


@pytest.fixture
def trained(clock, small_iteration, tmp_path, monkeypatch):
    """Train twelve steps of a second each; returns what was logged by name, and in which line."""
    monkeypatch.setattr(checkpoint, "save", clock.after(10, checkpoint.save))
    monkeypatch.setattr(watch, "save_grid", clock.after(5, watch.save_grid))

    def run(resume_from=None, total_steps=12, **settings):
        iteration = small_iteration(NoRegularizer(), StandardLoss())
        iteration.update_generator = clock.after(1, iteration.update_generator)
        optimizers = [iteration.generator_optimizer, iteration.discriminator_optimizer]
        train(
            step=TrainStep(iteration, LearningRates(optimizers, Linear(0), 12, CPU), CPU),
            splits=Splits(SyntheticShapes(16, num_images=60), Symmetric(), 4, CPU),
            folder=RunFolder(tmp_path),
            config={},
            device=CPU,
            seed=0,
            resume_from=resume_from,
            **{
                "total_steps": total_steps, "log_every": 2, "sample_every": 100,
                "checkpoint_every": 100, **settings,
            },
        )  # fmt: skip
        return read_metrics(tmp_path / "metrics.jsonl")

    return run


def values(lines, name):
    return [line["value"] for line in lines if line["name"] == name]


def test_monitors_grids_and_checkpoints_are_no_training(trained, clock):
    """All at steps 4 and 8: they come after the entry of that step, and count in the next one."""
    monitors = [Slow(clock, 4)]
    lines = trained(monitors=monitors, sample_every=4, checkpoint_every=4)
    assert values(lines, "speed/steps_per_second") == pytest.approx([1.0] * 6)
    assert values(lines, "speed/images_per_second") == pytest.approx([4.0] * 6)
    shares = values(lines, "speed/share_besides")
    assert shares == pytest.approx([0, 0, 55 / 57, 0, 55 / 57, 0])


def test_each_of_them_counts(trained, clock):
    shares = {
        name: values(trained(**settings), "speed/share_besides")[2]
        for name, settings in {
            "monitor": {"monitors": [Slow(clock, 4)]},
            "grid": {"sample_every": 4},
            "checkpoint": {"checkpoint_every": 4},
        }.items()
    }
    assert shares == pytest.approx({"monitor": 40 / 42, "grid": 5 / 7, "checkpoint": 10 / 12})


def test_seconds_are_those_of_the_wall(trained, clock):
    lines = trained(monitors=[Slow(clock, 4)], sample_every=4, checkpoint_every=4)
    seconds = [line["seconds"] for line in lines if line["name"] == "speed/share_besides"]
    assert seconds == [2, 4, 6 + 55, 8 + 55, 10 + 110, 12 + 110]


def test_the_best_checkpoint_counts_too(trained, clock):
    class Judge(Slow):
        decisive = "looked"

    lines = trained(monitors=[Judge(clock, 4)])
    assert values(lines, "speed/share_besides")[2] == pytest.approx(50 / 52)


def test_a_resumed_run_measures_what_it_does_itself(trained, clock, tmp_path):
    trained(total_steps=4)
    state = checkpoint.load(RunFolder(tmp_path).checkpoint(4))
    clock.now += 1000  # In between nobody trains.
    lines = trained(resume_from=state)
    assert values(lines, "speed/steps_per_second") == pytest.approx([1.0] * 6)
    assert values(lines, "speed/share_besides") == pytest.approx([0.0] * 6)


def test_time_left_has_the_share_of_what_comes_besides(trained, clock, caplog):
    """At step 6: six seconds of training to come, and 55 besides to six so far."""
    with caplog.at_level(logging.INFO):
        trained(monitors=[Slow(clock, 4)], sample_every=4, checkpoint_every=4)
    said = [record.getMessage() for record in caplog.records if "steps/s" in record.getMessage()]
    assert [line.rpartition("  ")[2] for line in said] == [
        "00:10 left", "00:08 left", "01:01 left", "00:31 left", "00:24 left", "00:00 left",
    ]  # fmt: skip
    assert "1.00 steps/s  96% watching, saving" in said[2]
    assert "watching" not in said[1]


def test_time_left_is_by_the_newest_speed(clock, tmp_path):
    metrics = Metrics(tmp_path / "metrics.jsonl")
    speed = Speed(SimpleNamespace(n_dis=1, batch_size=1), metrics, CPU, 0)
    clock.now = 100
    speed.take(10)
    clock.now = 120
    speed.take(20)
    assert speed.left(30) == pytest.approx(60)


def test_on_a_gpu_the_queue_of_the_device_is_measured(clock, tmp_path, monkeypatch):
    """What is queued when a monitor begins is training, though the host waits for it then."""
    device = SimpleNamespace(now=0.0)

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self):  # It comes to its turn once all before it is done.
            device.now = max(device.now, clock.now)
            self.at = device.now

        def elapsed_time(self, other):
            return 1000 * (other.at - self.at)

    monkeypatch.setattr(torch.cuda, "Event", Event)
    besides = Besides(Metrics(tmp_path / "metrics.jsonl"), torch.device("cuda"))
    device.now = 7.0  # Seven seconds of training wait in the queue at second 0.
    with besides.counted():
        clock.now = 9.0  # The monitor waits for them, and takes two.
    assert besides.take() == pytest.approx(2.0)
    assert besides.take() == 0.0


def test_a_bar_tells_the_time_left_by_the_pace_it_is_told(tmp_path):
    with (tmp_path / "terminal").open("w") as file, PacedBar(total=100, file=file) as bar:
        bar.update(20)
        bar.pace = 0.5
        assert "<02:40" in str(bar)
