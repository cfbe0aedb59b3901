"""Kernel Inception distance (Binkowski et al., 2018): unbiased at any number of samples.

Reference: torch-fidelity 0.4.0, ``metric_kid.py``; features in the same order meet in the same
subsets, so they get the same numbers.
"""

from typing import Any

import numpy as np
from torch import Tensor

from sngan.metric.base import FeatureMetric, RealFeatures
from sngan.system.declared import Count, checked
from sngan.system.require import SettingError

SUBSET_SEED = 2020  # torch-fidelity's.

Array = np.ndarray[Any, np.dtype[Any]]


class KernelInceptionDistance(FeatureMetric):
    """Squared maximum mean discrepancy under the kernel ``(x'y / d + 1)^3``, over random subsets.

    Args:
        subsets: How many subsets.
        subset_size: Pictures per subset and side, at least 2.
        num_real: Features of real pictures that subsets are drawn from, at most.

    Raises:
        ValueError: If a setting is out of range.
    """

    @checked
    def __init__(
        self, subsets: Count = 100, subset_size: Count = 1000, num_real: Count = 10_000
    ) -> None:
        if not 2 <= subset_size <= num_real:
            raise SettingError(
                "subset_size", f"must be between 2 and num_real {num_real}, got {subset_size}"
            )
        self.subsets = subsets
        self.num_real = num_real
        self.min_pictures = subset_size

    def __call__(self, real: RealFeatures, generated: Tensor) -> dict[str, float]:
        """See `FeatureMetric.__call__`; mean and population standard deviation over the subsets."""
        random = np.random.RandomState(SUBSET_SEED)  # A stream that NumPy promises to keep.
        sides = [x.numpy() for x in (generated, real.features[: self.num_real])]
        values = np.empty(self.subsets)
        for i in range(self.subsets):
            chosen = [x[random.choice(len(x), self.min_pictures, replace=False)] for x in sides]
            values[i] = squared_discrepancy(*chosen)
        return {"kid_mean": float(values.mean()), "kid_std": float(values.std())}

    def settings(self) -> str:
        """See `Metric.settings`."""
        return (
            f"{self.subsets} subsets of {self.min_pictures:,}, "
            f"real ones out of at most {self.num_real:,}"
        )


def squared_discrepancy(x: Array, y: Array) -> float:
    """Return the unbiased estimate of the squared discrepancy.

    The kernel is computed in the precision of the features, sums in float64.

    Args:
        x: ``(n, d)``.
        y: ``(n, d)``.
    """
    n = len(x)
    within = sum(_sum(k) - _sum(k.diagonal()) for k in (_kernel(x, x), _kernel(y, y)))
    return within / (n * (n - 1)) - 2 * _sum(_kernel(x, y)) / n**2


def _kernel(x: Array, y: Array) -> Array:
    root = x @ y.T  # NumPy sees x x' and computes one half.
    root *= 1 / x.shape[1]
    root += 1
    return root * root * root


def _sum(values: Array) -> float:
    return float(values.sum(dtype=np.float64))
