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


def run(clock, caplog, total, seconds_per_batch, batch=10):
    with caplog.at_level(logging.INFO), Progress("describing", total) as progress:
        for _ in range(total // batch):
            clock[0] += seconds_per_batch
            progress.update(batch)
    return [record.getMessage() for record in caplog.records]


def test_says_after_the_second_batch_how_long_it_will_take(clock, caplog):
    lines = run(clock, caplog, 1000, 4.0)
    assert lines[0] == "describing: 1,000 pictures, about 06:32 at 2.5 img/s"


def test_says_now_and_then_how_far_it_is(clock, caplog):
    lines = run(clock, caplog, 1000, 4.0)
    assert lines[1] == "describing: 1,000 pictures, 30 done, 2.5 img/s, 06:28 left"
    assert 25 < len(lines) < 45  # 400 seconds, a line every ten or so.


def test_is_silent_about_what_takes_no_time(clock, caplog):
    assert run(clock, caplog, 1000, 0.01) == []


def test_is_silent_when_told_so(clock, caplog):
    caplog.set_level(logging.WARNING, logger="sngan.system.progress")
    with Progress("describing", 1000) as progress:
        for _ in range(100):
            clock[0] += 4
            progress.update(10)
    assert not caplog.records


def test_two_rules_of_rounding_are_one_batch(clock, caplog, monkeypatch):
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
    assert "pictures: 1,000 pictures, about 03:12 at 5.0 img/s" in caplog.messages[0]
