"""The pace of a training, by entries as runs log them and as older ones did."""

import pytest

from sngan.run_folder.pace import Pace, pace_of


def entries(*found):
    """Return lines for triples of step, iterations a second and share of what came besides."""
    names = ("speed/steps_per_second", "speed/share_besides")
    return [
        {"step": step, "name": name, "value": value, "seconds": 0.0}
        for step, *values in found
        for name, value in zip(names, values, strict=False)
    ]


def test_the_first_entry_warms_up():
    assert pace_of(entries((10, 0.1), (20, 4.0), (30, 2.0), (40, 2.0))).seconds_per_step == 0.5
    assert pace_of(entries((10, 0.1))).seconds_per_step == 10.0


def test_the_share_is_that_of_all_the_time():
    """Ten seconds of training each; after the second entry come thirty of something else."""
    pace = pace_of(entries((10, 1.0, 0.0), (20, 1.0, 0.0), (30, 1.0, 0.75)))
    assert pace == Pace(1.0, pytest.approx(0.5))
    assert pace.seconds_with_all == pytest.approx(2.0)


def test_older_runs_have_no_share():
    assert pace_of(entries((10, 1.0), (20, 1.0))) == Pace(1.0, 0.0)


@pytest.mark.parametrize("lines", [[], entries((10, 0.0)), entries((10, -1.0, 1.0))])
def test_nothing_that_can_be_used_is_no_pace(lines):
    assert pace_of(lines) is None
