import logging

import pytest

from sngan.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [0.0]
    monkeypatch.setattr("sngan.progress.time.monotonic", lambda: now[0])
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
    caplog.set_level(logging.WARNING, logger="sngan.progress")
    with Progress("describing", 1000) as progress:
        for _ in range(100):
            clock[0] += 4
            progress.update(10)
    assert not caplog.records
