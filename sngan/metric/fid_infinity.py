"""FID at infinitely many samples (Chong and Forsyth, 2020): a line through FIDs of growing sets."""

from typing import Annotated

import numpy as np
import torch
from annotated_types import Interval
from torch import Tensor

from sngan.metric.base import FeatureMetric, RealFeatures
from sngan.metric.fid import frechet_distance
from sngan.system.declared import Seed, checked

Several = Annotated[int, Interval(ge=2, le=10**6)]


class FidInfinity(FeatureMetric):
    """Intercept of the Frechet distance against ``1 / n``, ``n`` generated pictures.

    The sets are drawn without replacement from all generated pictures, as in the authors' code.
    The real pictures stay as they are, and with them their part of the bias.

    Args:
        points: Sizes of sets, evenly spaced from ``smallest`` to all.
        smallest: Generated pictures of the smallest set.
        seed: Seed of the draw.

    Raises:
        ValueError: If a setting is out of range.
    """

    @checked
    def __init__(self, points: Several = 15, smallest: Several = 5000, seed: Seed = 0) -> None:
        self.points = points
        self.seed = seed
        self.smallest = smallest
        self.min_pictures = smallest + points

    def __call__(self, real: RealFeatures, generated: Tensor) -> dict[str, float]:
        """See `FeatureMetric.__call__`; the slope is the bias times the number of pictures."""
        random = torch.Generator().manual_seed(self.seed)
        sizes = np.linspace(self.smallest, len(generated), self.points).astype(int)
        distances = []
        for size in sizes:
            index = torch.randperm(len(generated), generator=random)[:size]
            chosen = generated[index].double()
            moments = chosen.mean(dim=0), torch.cov(chosen.T)
            distances.append(frechet_distance(*moments, real.mean, real.covariance))
        slope, intercept = np.polyfit(1 / sizes, distances, 1)
        return {"fid_infinity": float(intercept), "fid_infinity_slope": float(slope)}

    def settings(self) -> str:
        """See `Metric.settings`."""
        return f"{self.points} sets from {self.smallest:,} samples on"
