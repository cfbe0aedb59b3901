"""What a score promises: features of pictures go by in batches, named numbers come out.

A `Metric` holds settings and says what it needs. For every protocol it starts an `Accumulator`,
which sees each batch once and gives its numbers at the end. One that streams, whole::

    import torch

    from sngan.metric.base import Accumulator, Metric

    class FeatureNorm(Metric):
        '''Mean length of the samples' features.'''

        needs_real = False

        def start(self, expected):
            return Lengths(expected.count)

    class Lengths(Accumulator):
        def __init__(self, count):
            self.count, self.sum = count, torch.zeros((), dtype=torch.float64)

        def update(self, index, features):
            self.sum += features.pool.double().norm(dim=1).sum().cpu()

        def result(self, workers, real):
            return {"feature_norm": workers.sum(self.sum).item() / self.count}

One that must see all features at once is a `FeatureMetric`, a function of both sides::

    from sngan.metric.base import FeatureMetric

    class MeanGap(FeatureMetric):
        '''How far the mean features of samples and real pictures are apart.'''

        def __call__(self, real, generated):
            return {"mean_gap": (generated.double().mean(dim=0) - real.mean).norm().item()}

Either lies in a module of anybody's, with its YAML in a folder ``metric`` of configurations::

    # @package metric.feature_norm
    _target_: mine.FeatureNorm

Then ``sngan-eval RUN 'metric=[feature_norm]'`` prints and keeps its numbers, under every protocol
and from the same single pass over the pictures. Settings are arguments of ``__init__``; refuse bad
ones by `sngan.system.require`, and say in `Metric.settings` what decides the numbers.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from sngan.metric.parts.kept_features import KeptFeatures
from sngan.system.workers import Workers


class Features(Protocol):
    """What an extractor says of a batch; `sngan.extractor.base.Features` is one."""

    @property
    def pool(self) -> Tensor:
        """Features, ``(N, d)``."""

    @property
    def logits(self) -> Tensor | None:
        """Class logits, ``(N, classes)``; None if there are none."""


class RealFeatures(Protocol):
    """What is known of the real pictures; `sngan.scoring.reference.Reference` is one."""

    @property
    def mean(self) -> Tensor:
        """``(d,)`` float64, of all of them."""

    @property
    def covariance(self) -> Tensor:
        """``(d, d)`` float64, of all of them."""

    @property
    def features(self) -> Tensor:
        """``(m, d)`` float32, of at least `Metric.num_real` of them or of all."""


@dataclass(frozen=True)
class Expected:
    """What is known of the samples before they come.

    Attributes:
        count: How many.
        splits: How many parts a score of samples alone is taken over.
        kept: Features of the first samples, `Metric.num_generated` of them or more, once they
            have come; one memory for all metrics.
    """

    count: int
    splits: int
    kept: KeptFeatures


class Accumulator(ABC):
    """A metric at work on one set of samples."""

    @abstractmethod
    def update(self, index: Tensor, features: Features) -> None:
        """Add some samples.

        Args:
            index: Their numbers, ``(N,)`` int64 on the CPU, each below `Expected.count`; every
                number comes once, to one of the processes. ``N`` may be 0.
            features: One row for each, on the device of the extractor.
        """

    @abstractmethod
    def result(self, workers: Workers, real: RealFeatures | None) -> dict[str, float]:
        """Return values by name, the same in every process.

        Args:
            workers: The processes that share the samples; `Workers.sum` adds up what each has.
            real: The real pictures; None only where `Metric.needs_real` is false.
        """


class Metric(ABC):
    """Settings of a score, and what it needs.

    Attributes:
        needs_real: Whether samples are compared with real pictures. If so, they are those that
            enter the protocol's distance, and there is no score without real pictures. If not,
            they are all of the protocol's samples.
        needs_logits: Whether it looks at logits; there is no score of an extractor without any.
        num_real: Real pictures whose features it looks at, at most.
        num_generated: Samples whose features are kept for it, at most; None for all.
        min_pictures: How many samples it needs at least, and as many real pictures if it looks at
            features of these.
    """

    needs_real: bool = True
    needs_logits: bool = False
    num_real: int = 0
    num_generated: int | None = 0
    min_pictures: int = 1

    @abstractmethod
    def start(self, expected: Expected) -> Accumulator:
        """Return what measures one set of samples.

        Args:
            expected: The samples.
        """

    def num_kept(self, count: int) -> int:
        """Return how many samples' features are kept for it.

        Args:
            count: How many samples there are.
        """
        return count if self.num_generated is None else min(count, self.num_generated)

    def settings(self) -> str:
        """Return what decides the values beside the pictures, in a few words."""
        return ""


class FeatureMetric(Metric):
    """A metric that is a function of features kept from both sides.

    Say `Metric.num_real` where it looks at features of single real pictures.
    """

    num_generated: int | None = None

    @abstractmethod
    def __call__(self, real: RealFeatures, generated: Tensor) -> dict[str, float]:
        """Return values by name.

        Args:
            real: The real pictures; None only where `Metric.needs_real` is false.
            generated: Features of the first samples, ``(n, d)`` float32 on the CPU, `num_generated`
                of them or all there are.
        """

    def start(self, expected: Expected) -> Accumulator:
        """See `Metric.start`."""
        return _WaitForAll(self, expected)


class _WaitForAll(Accumulator):
    """Does nothing before all features are there."""

    def __init__(self, metric: FeatureMetric, expected: Expected) -> None:
        self.metric = metric
        self.kept = expected.kept
        self.count = metric.num_kept(expected.count)

    def update(self, index: Tensor, features: Features) -> None:
        """See `Accumulator.update`."""

    def result(self, workers: Workers, real: RealFeatures | None) -> dict[str, float]:
        """See `Accumulator.result`."""
        generated = self.kept.result(workers)[: self.count]
        return self.metric(real, generated)  # type: ignore[arg-type]  # See there.
