"""Several trainings of one configuration: the spread between seeds, which is not that over splits.

The paper's residual rows are means and standard deviations over trainings; its other rows have
the spread over ten sets of samples of one training.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import scipy  # Its parts, imported where they are used, are slow to import.
import torch

from sngan.run_folder.weights import Weights
from sngan.scoring.sheet import ScoreSheet
from sngan.scoring.table import score_names

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Spread:
    """A score over several trainings.

    Attributes:
        name: What it is called.
        protocol: Under which protocol.
        values: One per training.
        of: What the trainings are called.
        weights: Which of their weights.
    """

    name: str
    protocol: str
    values: tuple[float, ...]
    of: tuple[str, ...] = field(default=(), compare=False)
    weights: Weights | None = None

    @property
    def mean(self) -> float:
        """Mean over the trainings."""
        return float(torch.tensor(self.values, dtype=torch.float64).mean())

    @property
    def std(self) -> float:
        """Sample standard deviation over the trainings (n - 1)."""
        return float(torch.tensor(self.values, dtype=torch.float64).std(correction=1))

    def interval(self) -> tuple[float, float]:
        """Return the confidence interval of the mean, by Student's t."""
        n = len(self.values)
        margin = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * self.std / n**0.5
        return self.mean - float(margin), self.mean + float(margin)

    @property
    def interval_name(self) -> str:
        """What the interval is called."""
        return f"{CONFIDENCE:.0%} interval of the mean"

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "name": self.name,
            "protocol": self.protocol,
            "weights": self.weights,
            "values": self.values,
            "mean": self.mean,
            "sample_std": self.std,
            f"interval_{CONFIDENCE:.0%}": self.interval(),
        }


def spreads_by_kind(trained: Sequence[tuple[str, int, ScoreSheet]]) -> list[Spread]:
    """Return the spread of every score of each kind of training that has several seeds.

    Args:
        trained: Kind and seed of each training, and its scores, all of the same extractor and
            protocols. The same seed twice says nothing of a spread, nor do other real pictures
            or other weights of a checkpoint.
    """
    groups: dict[tuple[str, ...], dict[int, ScoreSheet]] = {}
    for kind, seed, sheet in trained:
        statistics = (str(scores.statistics) for scores in sheet.scores)
        groups.setdefault((kind, str(sheet.weights), *statistics), {})[seed] = sheet
    return [
        spread
        for members in groups.values()
        if len(members) > 1
        for spread in spreads([*members.values()])
    ]


def spreads(sheets: Sequence[ScoreSheet]) -> list[Spread]:
    """Return the spread of every score of trainings that differ in their seed alone.

    Args:
        sheets: At least two, of the same extractor and protocols.
    """
    found = []
    of = tuple(sheet.name for sheet in sheets)
    score_name, distance_name = score_names(sheets[0].extractor)
    for entries in zip(*(sheet.scores for sheet in sheets), strict=True):
        protocol = entries[0].protocol.name
        columns: dict[str, list[float | None]] = {
            score_name: [entry.score_mean for entry in entries],
            distance_name: [entry.distance for entry in entries],
        }
        for (metric, key), name in entries[0].names_of_more().items():
            columns[name] = [entry.more[metric].values[key] for entry in entries]
        for name, column in columns.items():
            values_there = tuple(value for value in column if value is not None)
            if len(values_there) == len(entries):
                found.append(Spread(name, protocol, values_there, of, sheets[0].weights))
    return found
