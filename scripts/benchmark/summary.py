"""From timings to rows of numbers."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from scripts.benchmark.race import Timing


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median and the extremes."""
    return {"median": median(values), "least": min(values), "most": max(values)}


def rows(
    timings: Sequence[Timing], pictures: Sequence[int], baselines: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a row for each contestant.

    Args:
        timings: Of one race.
        pictures: Real ones that an iteration of each shows to the discriminator.
        baselines: Names of those with which all others are compared, if they are there.
    """
    compared = [x for x in timings if x.name in baselines and x.seconds and not x.error]
    return [_row(timing, count, compared) for timing, count in zip(timings, pictures, strict=True)]


def _row(timing: Timing, pictures: int, baselines: Sequence[Timing]) -> dict[str, Any]:
    if timing.error or not timing.seconds:
        return {"name": timing.name, "error": timing.error or "no rounds"}
    seconds = spread(timing.seconds)
    return {
        "name": timing.name,
        "rounds": timing.seconds,
        "iterations_per_round": timing.iterations,
        "seconds": seconds,
        "updates_per_second": 1 / seconds["median"],
        "pictures_per_second": pictures / seconds["median"],
        "peak_memory": timing.peak_memory,
        # Both took the same turn of a round, so the machine's mood cancels out of a quotient.
        "time_over": {other.name: _quotients(timing, other) for other in baselines},
        "speed_over": {other.name: _quotients(other, timing) for other in baselines},
    }


def _quotients(timing: Timing, other: Timing) -> dict[str, float]:
    return spread([a / b for a, b in zip(timing.seconds, other.seconds, strict=True)])
