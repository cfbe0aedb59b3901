"""Precision and recall (Kynkaanniemi et al., 2019), density and coverage (Naeem et al., 2020)."""

from collections.abc import Iterator

import torch
from torch import Tensor

from sngan.metric.base import FeatureMetric, RealFeatures
from sngan.system.declared import Count, checked
from sngan.system.require import SettingError

ROWS = 1000  # Distances of so many pictures to all others at a time, to bound memory.


class PrecisionRecallDensityCoverage(FeatureMetric):
    """How far two clouds of features cover each other, by balls up to the k-th neighbour.

    Args:
        nearest_k: Neighbour whose distance is a ball's radius; Naeem et al. take 5,
            Kynkaanniemi et al. 3.
        num_pictures: Pictures of either side, at most; Naeem et al. take 10,000. The values
            depend on it.

    Raises:
        ValueError: If a setting is out of range.
    """

    @checked
    def __init__(self, nearest_k: Count = 5, num_pictures: Count = 10_000) -> None:
        if num_pictures <= nearest_k:
            raise SettingError(
                "num_pictures", f"must be > nearest_k {nearest_k}, got {num_pictures}"
            )
        self.nearest_k = nearest_k
        self.num_real = num_pictures
        self.num_generated = num_pictures
        self.min_pictures = nearest_k + 1

    def __call__(self, real: RealFeatures, generated: Tensor) -> dict[str, float]:
        """See `FeatureMetric.__call__`."""
        x, y = real.features[: self.num_real], generated[: self.num_generated]
        radius_x, radius_y = _radii(x, self.nearest_k), _radii(y, self.nearest_k)
        in_ball_of_y = torch.zeros(len(x), dtype=torch.bool)
        covered = torch.zeros(len(x), dtype=torch.bool)
        balls_around = torch.zeros(len(y), dtype=torch.int64)
        for rows, distances in _distances(x, y):
            in_ball_of_y[rows] = (distances <= radius_y).any(dim=1)
            within = distances <= radius_x[rows].unsqueeze(1)
            covered[rows] = within.any(dim=1)
            balls_around += within.sum(dim=0)
        return {
            "precision": float((balls_around > 0).double().mean()),
            "recall": float(in_ball_of_y.double().mean()),
            "density": float(balls_around.double().mean()) / self.nearest_k,
            "coverage": float(covered.double().mean()),
        }

    def settings(self) -> str:
        """See `Metric.settings`."""
        return f"k {self.nearest_k}, at most {self.num_real:,} pictures of either side"


def _radii(x: Tensor, k: int) -> Tensor:
    """Return each point's distance to its k-th neighbour, itself not counted, ``(n,)``."""
    return torch.cat([rows.kthvalue(k + 1, dim=1).values for _, rows in _distances(x, x)])


def _distances(x: Tensor, y: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Yield the distances from some rows of ``x`` to all of ``y``."""
    for start in range(0, len(x), ROWS):
        rows = slice(start, start + ROWS)
        yield rows, torch.cdist(x[rows], y)
