"""Do our numbers agree with the paper's? By one rule, which is printed beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from sngan.reproduce.targets import Published
from sngan.scoring.bias import BIAS

SPREADS = 2
KNOWN_BIAS = {"IS": 0.0, "FID": BIAS * (1 / 10_000 - 1 / 50_000)}
"""What the protocol leaves open: whether 10,000 or all 50,000 real pictures entered the FID."""

RULE = (
    f"Within: the difference is at most {SPREADS} sqrt(s^2 + p^2) + b; otherwise outside. s is our "
    "standard deviation over trainings (of one training: that over the splits of its Inception "
    "score, and 0 for its FID), p what the paper prints behind +-, 0 if it prints nothing, b what "
    f"the protocol leaves open: 0 for the Inception score, {KNOWN_BIAS['FID']:.1f} for the FID, "
    "because the paper does not say whether the real pictures were 10,000 or all 50,000. Scores "
    "of another scale, network, data set or setting are not compared; of diverged trainings, and "
    "where settings are missing, the difference is shown without a verdict."
)


@dataclass(frozen=True)
class Measured:
    """A score of ours.

    Attributes:
        values: One per training.
        split_std: Standard deviation over the splits of a single training's score, if it has any.
    """

    values: Sequence[float]
    split_std: float | None = None

    @property
    def mean(self) -> float:
        """Mean over trainings."""
        return mean(self.values)

    @property
    def spread(self) -> float | None:
        """Standard deviation over trainings (n - 1); of a single one, over its splits."""
        return stdev(self.values) if len(self.values) > 1 else self.split_std

    def __str__(self) -> str:
        places = 2 if abs(self.mean) < 100 else 0
        spread = "" if self.spread is None else f" ± {self.spread:.{places}f}"
        return f"{self.mean:.{places}f}{spread}"


@dataclass(frozen=True)
class Verdict:
    """What the comparison of a score says.

    Attributes:
        said: ``within``, ``outside``, ``not compared``, ``not run``, or in words.
        difference: Ours less the paper's; None if there is nothing to compare.
    """

    said: str
    difference: float | None = None


def judge(
    score: str, ours: Measured | None, published: Published | None, is_comparable: bool
) -> Verdict:
    """Compare a score with the paper's by `RULE`.

    Args:
        score: ``IS`` or ``FID``.
        ours: None if there is none.
        published: None if the paper has none.
        is_comparable: Whether scale, network and data set are the paper's.
    """
    if ours is None:
        return Verdict("not run")
    if published is None:
        return Verdict("not in the paper")
    if not is_comparable:
        return Verdict("not compared")
    if published.value is None:
        return Verdict(f"paper: {published.said}")
    difference = ours.mean - published.value
    combined = ((ours.spread or 0) ** 2 + (published.std or 0) ** 2) ** 0.5
    allowed = SPREADS * combined + KNOWN_BIAS[score]
    return Verdict("within" if abs(difference) <= allowed else "outside", difference)
