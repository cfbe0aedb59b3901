"""What some pictures got under one protocol, in the fields that score sheets are known by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sngan.metric.base import Metric
from sngan.metric.fid import Fid
from sngan.metric.inception_score import InceptionScore
from sngan.metric.parts.always import ALWAYS, DISTANCE, SCORE
from sngan.scoring.protocol import Protocol

SCORE_AND_DISTANCE: Mapping[str, Metric] = {SCORE: InceptionScore(), DISTANCE: Fid()}
"""What is measured where nobody asks for more."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a metric gave.

    Attributes:
        values: By name.
        settings: What decides them beside the pictures, in a few words.
        is_compared: Whether real pictures entered.
    """

    values: Mapping[str, float]
    settings: str = ""
    is_compared: bool = True


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What some pictures got under one protocol.

    Attributes:
        protocol: The protocol in force, its numbers filled in.
        found: What each metric gave, by name; those that had not what they need are missing.
        num_real: Real pictures that entered; None if there were none, or their file does not say.
        real: What they were; None if there were none.
        statistics: The file that keeps theirs; None if there were none.
        mismatches: How the two sides of the distance were made differently, if they were.
        warnings: What a reader of the numbers should know.
    """

    protocol: Protocol
    found: Mapping[str, Found]
    num_real: int | None
    real: str | None
    statistics: str | None = None
    mismatches: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def score_mean(self) -> float | None:
        """Inception score (or what the extractor's name makes of it), over the splits.

        None for an extractor without logits.
        """
        return self._value(SCORE, "score_mean")

    @property
    def score_std(self) -> float | None:
        """Population standard deviation over the splits."""
        return self._value(SCORE, "score_std")

    @property
    def distance(self) -> float | None:
        """FID, or the extractor's own Frechet distance; None without real pictures."""
        return self._value(DISTANCE, "distance")

    @property
    def more(self) -> dict[str, Found]:
        """What metrics gave besides, by name."""
        return {name: found for name, found in self.found.items() if name not in ALWAYS}

    def names_of_more(self) -> dict[tuple[str, str], str]:
        """Return what further values are called, by metric and key; the key, if it tells enough."""
        pairs = [(metric, key) for metric, found in self.more.items() for key in found.values]
        times = Counter(key for _, key in pairs)
        return {(x, key): key if times[key] == 1 else f"{x}.{key}" for x, key in pairs}

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        return {
            "protocol": asdict(self.protocol),
            "score_mean": self.score_mean,
            "score_std": self.score_std,
            "distance": self.distance,
            "num_real": self.num_real,
            "real": self.real,
            "statistics": self.statistics,
            "mismatches": self.mismatches,
            "more": {name: dict(found.values) for name, found in self.more.items()},
            "settings": {name: found.settings for name, found in self.more.items()},
            "warnings": self.warnings,
        }

    def _value(self, metric: str, name: str) -> float | None:
        return self.found[metric].values[name] if metric in self.found else None
