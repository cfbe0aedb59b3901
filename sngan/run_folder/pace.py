"""How fast a training went, by what it has logged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

SPEED = "speed/steps_per_second"
SHARE = "speed/share_besides"


@dataclass(frozen=True)
class Pace:
    """The speed of a training.

    Attributes:
        seconds_per_step: Median time of an iteration. The first entry is left out where there are
            others: it holds the warming up.
        share_besides: Of the time in which there is an entry, what monitors, grids and checkpoints
            took. Older runs have it in the time of their iterations.
    """

    seconds_per_step: float
    share_besides: float

    @property
    def seconds_with_all(self) -> float:
        """Mean time of an iteration with what comes besides."""
        return self.seconds_per_step / (1 - self.share_besides)


def pace_of(lines: Sequence[Mapping[str, Any]]) -> Pace | None:
    """Return the pace of a training; None if none is logged.

    Args:
        lines: Of ``metrics.jsonl``.
    """
    speeds = {x["step"]: x["value"] for x in lines if x["name"] == SPEED and x["value"] > 0}
    if not speeds:
        return None
    times = [1 / speed for speed in speeds.values()]
    shares = {x["step"]: x["value"] for x in lines if x["name"] == SHARE and 0 <= x["value"] < 1}
    training = besides = before = 0.0
    for step, speed in speeds.items():
        seconds, share = (step - before) / speed, shares.get(step, 0.0)
        training += seconds
        besides += seconds * share / (1 - share)
        before = step
    return Pace(median(times[1:] or times), besides / (training + besides))
