"""Intervals of differences between a few trainings each, and what they say."""

import math
from collections.abc import Sequence
from statistics import mean, variance

HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be told"
CONFIDENCE = 0.95


def welch(
    ours: Sequence[float], theirs: Sequence[float], confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return Welch's interval of the difference of two means, ours less theirs.

    Args:
        ours: Values of two or more trainings.
        theirs: Likewise; variances may differ.
        confidence: Its level.
    """
    parts = [(variance(values) / len(values), len(values) - 1) for values in (ours, theirs)]
    return _around(mean(ours) - mean(theirs), parts, confidence)


def student(values: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Student's interval of a mean.

    Args:
        values: Of two or more trainings.
        confidence: Its level.
    """
    return _around(mean(values), [(variance(values) / len(values), len(values) - 1)], confidence)


def _around(
    middle: float, parts: Sequence[tuple[float, int]], confidence: float
) -> tuple[float, float]:
    """Return an interval around a sum of means, from each one's squared error and freedom."""
    error = sum(square for square, _ in parts)
    if not error:
        return middle, middle
    freedom = error**2 / sum(square**2 / degrees for square, degrees in parts)
    from scipy.special import stdtrit  # Slow to import, and a report may need none.

    margin = float(stdtrit(freedom, (1 + confidence) / 2)) * math.sqrt(error)
    return middle - margin, middle + margin


def said_of(
    inner: tuple[float, float], outer: tuple[float, float], region: tuple[float, float]
) -> str:
    """Return whether a quantity lies in a region.

    Args:
        inner: Its interval; inside the region, it holds.
        outer: A wider one, for a quantity that is one of several; beside the region, it does not.
        region: Where it must lie; both ends are outside.
    """
    low, high = region
    if low < inner[0] and inner[1] < high:
        return HOLDS
    return FAILS if outer[1] < low or outer[0] > high else OPEN


def joined(verdicts: Sequence[str]) -> str:
    """Return the verdict of all together: all must hold, and one that does not is enough."""
    if FAILS in verdicts:
        return FAILS
    return HOLDS if verdicts and set(verdicts) == {HOLDS} else OPEN
