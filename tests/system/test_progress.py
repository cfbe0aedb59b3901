import logging

import pytest
import torch

from sngan.extractor.base import Features
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.source import Source
from sngan.system.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [0.0]
    monkeypatch.setattr("sngan.system.progress.time.monotonic", lambda: now[0])
    return now


def run(clock, caplog, total, seconds_per_batch, batch=10, unit="img", known=True):
    """Return when each line was said, and the lines."""
    said = []
    caplog.set_level(logging.INFO)
    with Progress("describing", total if known else None, unit) as progress:
        for _ in range(total // batch):
            clock[0] += seconds_per_batch
            progress.update(batch)
            said += [clock[0]] * (len(caplog.records) - len(said))
    return said, caplog.messages


def test_says_after_ten_seconds_and_then_every_thirty_how_far_it_is(clock, caplog):
    times, lines = run(clock, caplog, 1000, 2.0)
    assert times == [10, 40, 70, 100, 130, 160, 190]
    assert lines[0] == "describing: 5% of 1,000 img, 5.0 img/s, 03:10 left"
    assert lines[-1] == "describing: 95% of 1,000 img, 5.0 img/s, 00:10 left"


def test_the_first_batch_warms_up_and_does_not_count(clock, caplog):
    caplog.set_level(logging.INFO)
    with Progress("describing", 1000) as progress:
        for seconds in (9, 2):
            clock[0] += seconds
            progress.update(10)
    assert caplog.messages == ["describing: 2% of 1,000 img, 5.0 img/s, 03:16 left"]


def test_a_first_batch_that_takes_long_is_better_than_nothing(clock, caplog):
    _, lines = run(clock, caplog, 1000, 40.0, batch=100)
    assert lines[0] == "describing: 10% of 1,000 img, 2.5 img/s, 06:00 left"


def test_is_silent_about_what_takes_no_time(clock, caplog):
    assert run(clock, caplog, 1000, 0.01) == ([], [])


def test_bytes_are_said_as_such(clock, caplog):
    _, lines = run(clock, caplog, 95_000_000, 2.0, batch=1_000_000, unit="B")
    assert lines[0] == "describing: 5% of 95.0MB, 500kB/s, 03:00 left"


def test_where_nobody_knows_the_end_there_is_no_percentage(clock, caplog):
    _, lines = run(clock, caplog, 1000, 2.0, known=False)
    assert lines[0] == "describing: 50 img at 5.0 img/s"


def test_a_line_of_the_caller_stands_for_the_next_one(clock, caplog):
    caplog.set_level(logging.INFO)
    with Progress("training", 100, "steps", done=50) as progress:
        for index in range(30):
            clock[0] += 2
            progress.update()
            if index == 3:
                progress.say("losses")
    assert caplog.messages[0] == "losses"
    assert caplog.messages[1] == "training: 69% of 100 steps, 0.5 steps/s, 01:02 left"  # At 38 s.
    assert len(caplog.messages) == 2


def test_is_silent_when_told_so(clock, caplog):
    caplog.set_level(logging.WARNING, logger="sngan.system.progress")
    with Progress("describing", 1000) as progress:
        for _ in range(100):
            clock[0] += 4
            progress.update(10)
    assert not caplog.records


def test_two_rules_of_rounding_are_one_batch(clock, caplog):
    """The estimate comes from the time between batches, not between their two descriptions."""
    images = torch.zeros(4000, 3, 8, 8)

    class Slow(Source):
        name, is_quantized = "slow", False

        def __call__(self, index):
            clock[0] += 4
            return images[index]

    def extract(pictures):
        return Features(pictures.float().mean(dim=(2, 3)), None)

    with caplog.at_level(logging.INFO):
        describe = FeaturePass(extract, torch.device("cpu"), 10)
        list(describe(Slow(), {"round": 500, "truncate": 500}, "pictures"))
    assert caplog.messages[0] == "pictures: 6% of 1,000 img, 5.0 img/s, 03:08 left"
