"""Trackers beside a run: all of it, once, and no influence."""

import pytest
import torch

from sngan.logger.base import Logger
from sngan.run_folder.folder import Best, RunFolder
from sngan.run_folder.metrics import Metrics, read_metrics
from sngan.training.tracking import Tracking, final_scores

CPU = torch.device("cpu")


class Remembers(Logger):
    """Notes what it is told, and draws random numbers."""

    def __init__(self, fails_at=None):
        self.told, self.fails_at = [], fails_at

    def begin(self, run):
        self.told.append(("begin", run.name, dict(run.settings)))

    def log(self, step, values, at):
        torch.rand(3)
        if step == self.fails_at:
            raise RuntimeError("no\nserver")
        self.told.append((step, *values))

    def picture(self, step, path, at):
        self.told.append((step, path.name))

    def end(self, step, scores, outcome):
        self.told.append(("end", step, dict(scores), outcome))


@pytest.fixture
def tracked(tmp_path):
    def call(**loggers):
        metrics = Metrics(tmp_path / "metrics.jsonl", 99)
        tracking = Tracking(loggers, RunFolder(tmp_path), {"a": {"b": [1]}, "c": None}, CPU)
        return metrics, tracking

    return call


def test_what_was_before_is_told_first_then_what_comes(tracked, tmp_path):
    grid = tmp_path / "samples" / "step_0000001.png"
    grid.parent.mkdir()
    grid.touch()
    one = Remembers()
    metrics, tracking = tracked(one=one)
    metrics.log(1, {"x": 1.0})
    metrics.log(2, {"x": 1.0})
    tracking.begin(metrics)
    metrics.log(3, {"y": 1.0, "z": 2.0})
    tracking.end("finished")
    begin, *told = one.told
    assert begin == ("begin", "/".join(tmp_path.parts[-2:]), {"a.b": "[1]", "c": "null"})
    assert told == [
        (1, "x"), (1, "step_0000001.png"), (2, "x"), (3, "y", "z"), ("end", 3, {}, "finished"),
    ]  # fmt: skip


def test_one_that_fails_is_named_once_and_the_others_go_on(tracked, caplog):
    bad, good = Remembers(fails_at=2), Remembers()
    metrics, tracking = tracked(bad=bad, good=good)
    tracking.begin(metrics)
    for step in (1, 2, 3):
        metrics.log(step, {"x": 1.0})
    tracking.end("finished")
    assert [entry[0] for entry in bad.told] == ["begin", 1]
    assert [entry[0] for entry in good.told] == ["begin", 1, 2, 3, "end"]
    (warning,) = [record.getMessage() for record in caplog.records]
    assert "logger=bad failed" in warning
    assert "RuntimeError: no server" in warning
    assert [line["step"] for line in read_metrics(metrics.path)] == [1, 2, 3]


def test_random_numbers_go_on_as_if_there_were_none(tracked):
    metrics, tracking = tracked(one=Remembers())
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    tracking.begin(metrics)
    metrics.log(1, {"x": 1.0})
    assert torch.equal(torch.rand(2), expected)


def test_time_taken_to_begin_is_not_the_training_s(tracked, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    class Slow(Remembers):
        def begin(self, run):
            now[0] += 60

    metrics, tracking = tracked(slow=Slow())
    tracking.begin(metrics)
    assert metrics.seconds == 0


def test_scores_are_the_last_and_the_best():
    lines = [
        {"step": step, "name": name, "value": step + shift}
        for step in (1, 2, 3)
        for name, shift in (("distance/a", 0), ("score/a", 10), ("sigma/raw", 20))
    ]
    assert final_scores(lines, Best(1, "distance/a", 1)) == {
        "last/distance/a": 3, "last/score/a": 13, "best/distance/a": 1, "best/score/a": 11,
        "best/step": 1,
    }  # fmt: skip
    assert final_scores(lines, None) == {"last/distance/a": 3, "last/score/a": 13}
