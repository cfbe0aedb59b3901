"""What accumulates under one protocol, while batches of features go by."""

from collections.abc import Mapping

from sngan.extractor.base import Features
from sngan.metric.base import Expected, Metric
from sngan.metric.parts.kept_features import KeptFeatures
from sngan.sampling.quantize import Quantization
from sngan.scoring.bias import BIAS
from sngan.scoring.feature_pass import Described
from sngan.scoring.needs import check_metric, check_reference, num_samples
from sngan.scoring.protocol import Protocol
from sngan.scoring.reference import Reference
from sngan.scoring.scores import Found, Scores
from sngan.system.workers import Workers


class Tally:
    """All metrics under one protocol.

    Args:
        protocol: The protocol, its numbers filled in.
        rule: How pictures become 8-bit; None if they are.
        real: The real pictures; None to leave out what needs any.
        metrics: What to measure, by name.
        workers: The processes that share the pictures.

    Raises:
        ValueError: If there are too few pictures for a metric, or for the processes.
    """

    def __init__(
        self,
        protocol: Protocol,
        rule: Quantization | None,
        real: Reference | None,
        metrics: Mapping[str, Metric],
        workers: Workers,
    ) -> None:
        assert protocol.num_generated is not None
        self.protocol = protocol
        self.rule = rule
        self.real = real
        self.workers = workers
        self.count = protocol.num_generated
        self.dimension = 0
        self.has_logits = False
        self.metrics = {k: v for k, v in metrics.items() if real is not None or not v.needs_real}
        self._check()
        kept = [x.num_kept(num_samples(x, protocol)) for x in self.metrics.values()]
        self.kept = KeptFeatures(max(kept, default=0))
        self.running = {name: self._start(metric) for name, metric in self.metrics.items()}

    def update(self, batch: Described) -> None:
        """Add a batch."""
        self.dimension = batch.features.pool.shape[1]
        self.has_logits = batch.features.logits is not None
        self.kept.update(batch.index, batch.features.pool)
        for running in self.running.values():
            running.update(batch)

    def result(self, is_fid_inception: bool) -> Scores:
        """Return the scores, the same in every process.

        Args:
            is_fid_inception: Whether features are the FID Inception's.
        """
        found = {
            name: running.result(self.workers, self.real)
            for name, running in self.running.items()
            if self.has_logits or not running.metric.needs_logits
        }
        return Scores(
            protocol=self.protocol,
            found=found,
            num_real=None if self.real is None else self.real.count,
            real=None if self.real is None else self.real.label,
            statistics=None if self.real is None else str(self.real.path),
            mismatches=[] if self.real is None else self.real.mismatches,
            warnings=self._warnings(is_fid_inception),
        )

    def _check(self) -> None:
        """Raise unless each metric will get what it needs of either side."""
        num_real = None if self.real is None else self.real.count or 0
        for name, metric in self.metrics.items():
            check_metric(name, metric, self.protocol, num_real)
            if self.real is not None:
                check_reference(name, metric, self.real)
            count = num_samples(metric, self.protocol)
            if count < self.workers.count:
                raise ValueError(f"{self.workers.count} processes cannot share {count} samples")

    def _start(self, metric: Metric) -> "_Running":
        return _Running(
            metric, Expected(num_samples(metric, self.protocol), self.protocol.splits, self.kept)
        )

    def _warnings(self, is_fid_inception: bool) -> list[str]:
        """Say where there are too few pictures for the covariance of their features."""
        count = self.protocol.num_generated_fid
        assert count is not None
        if self.real is None or count > self.dimension:
            return []
        text = f"{count:,} samples for {self.dimension:,} features: bias dominates the distance"
        if is_fid_inception and self.real.count:
            bias = BIAS * (1 / count + 1 / self.real.count)
            text += f", about {bias:.0f} for real pictures of CIFAR-10"
        return [text]


class _Running:
    """A metric at work on its share of a protocol's samples."""

    def __init__(self, metric: Metric, expected: Expected) -> None:
        self.metric = metric
        self.count = expected.count
        self.accumulator = metric.start(expected)

    def update(self, batch: Described) -> None:
        """Add what of a batch falls to the metric: the numbers of its pictures decide."""
        pool, logits = batch.features
        if logits is None and self.metric.needs_logits:
            return
        own = int((batch.index < self.count).sum())  # The numbers ascend.
        features = Features(pool[:own], None if logits is None else logits[:own])
        self.accumulator.update(batch.index[:own], features)

    def result(self, workers: Workers, real: Reference | None) -> Found:
        """Return what the metric gives."""
        return Found(
            values=self.accumulator.result(workers, real if self.metric.needs_real else None),
            settings=self.metric.settings(),
            is_compared=self.metric.needs_real,
        )
