"""The Frechet distance between two Gaussians (Heusel et al., 2017; the paper's Eq. 24)."""

import scipy  # Its parts, imported where they are used, are slow to import.
import torch
from torch import Tensor

from sngan.metric.base import Accumulator, Expected, Features, Metric, RealFeatures
from sngan.metric.parts.moments import Moments
from sngan.system.workers import Workers


class Fid(Metric):
    """The distance of the samples' features from those of real pictures; 0 if they are alike.

    Of the FID Inception's features it is the FID, of others another number, named after these.
    """

    min_pictures = 2  # A covariance needs them.

    def start(self, expected: Expected) -> Accumulator:
        """See `Metric.start`."""
        return _Distance()


class _Distance(Accumulator):
    def __init__(self) -> None:
        self.moments = Moments()

    def update(self, index: Tensor, features: Features) -> None:
        """See `Accumulator.update`."""
        self.moments.update(features.pool)

    def result(self, workers: Workers, real: RealFeatures | None) -> dict[str, float]:
        """See `Accumulator.result`."""
        assert real is not None
        mean, covariance = self.moments.result(workers)
        return {"distance": frechet_distance(mean, covariance, real.mean, real.covariance)}


def frechet_distance(mean1: Tensor, cov1: Tensor, mean2: Tensor, cov2: Tensor) -> float:
    """Return ``|mean1 - mean2|^2 + Tr(cov1 + cov2 - 2 (cov1 cov2)^(1/2))``.

    The trace of the root is the sum of the singular values of ``R1' R2``, for any ``R`` with
    ``R R' = cov``. Unlike ``sqrtm(cov1 @ cov2)`` this never forms the product, so it keeps full
    precision for singular covariances and cannot turn complex.

    It is a square: where rounding leaves less than 0, it is 0. pytorch-fid returns what is left.

    Args:
        mean1: ``(d,)``.
        cov1: ``(d, d)``, symmetric and positive semidefinite.
        mean2: ``(d,)``.
        cov2: ``(d, d)``, symmetric and positive semidefinite.

    Returns:
        The squared distance.
    """
    mean1, cov1, mean2, cov2 = (x.to("cpu", torch.float64) for x in (mean1, cov1, mean2, cov2))
    root_trace = scipy.linalg.svdvals((_root(cov1).T @ _root(cov2)).numpy()).sum()
    difference = mean1 - mean2
    found = float(difference @ difference + cov1.trace() + cov2.trace() - 2 * root_trace)
    return 0.0 if found < 0 else found  # What is not a number stays that.


def _root(covariance: Tensor) -> Tensor:
    """Return ``R`` with ``R @ R.T`` equal to the covariance, ``(d, r)`` with ``r <= d``.

    A Cholesky factor is the quickest; a singular covariance has none, but for luck in rounding,
    which does no harm.
    """
    factor, failed = torch.linalg.cholesky_ex(covariance)
    if not failed:
        return factor
    # SciPy: under MKL, torch.linalg.eigh fails when many features are constant.
    values, vectors = map(torch.from_numpy, scipy.linalg.eigh(covariance.numpy(), driver="evd"))
    kept = values > 0  # Of few pictures, rounding leaves about half of the others below.
    return vectors[:, kept] * values[kept].sqrt()
