"""What a further score promises: features of real and generated pictures in, named numbers out.

Inception score and Frechet distance stream and are always there; these need the features
themselves and are computed when asked for.
"""

from abc import ABC, abstractmethod
from typing import Protocol

from torch import Tensor


class RealFeatures(Protocol):
    """What is known of the real pictures; `sngan.scoring.reference.Reference` is one.

    Attributes:
        mean: ``(d,)`` float64, of all of them.
        covariance: ``(d, d)`` float64, of all of them.
        features: ``(m, d)`` float32, of at least `Metric.num_real` of them or of all.
    """

    @property
    def mean(self) -> Tensor:
        """See above."""

    @property
    def covariance(self) -> Tensor:
        """See above."""

    @property
    def features(self) -> Tensor:
        """See above."""


class Metric(ABC):
    """A score of a set of generated pictures beside a set of real ones.

    Attributes:
        num_real: Features of real pictures it looks at, at most.
        num_generated: Features of generated pictures it looks at, at most; None for all that
            enter the protocol's distance.
        min_pictures: How many of either it needs at least.
    """

    num_real: int
    num_generated: int | None
    min_pictures: int

    @abstractmethod
    def __call__(self, real: RealFeatures, generated: Tensor) -> dict[str, float]:
        """Return values by name.

        Args:
            real: The real pictures.
            generated: Features, ``(n, d)`` float32, of at least `num_generated` or of all.
        """

    @abstractmethod
    def settings(self) -> str:
        """Return what decides the values beside the pictures, in a few words."""
