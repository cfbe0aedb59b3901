"""Score pictures: one pass of generation and extraction serves every score of every protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import torch

from sngan.metric.base import Metric
from sngan.metric.fid import frechet_distance
from sngan.metric.inception_score import InceptionScore
from sngan.metric.parts.moments import Moments
from sngan.sampling.quantize import Quantization
from sngan.scoring.bias import BIAS
from sngan.scoring.feature_pass import Described, FeaturePass
from sngan.scoring.kept_features import KeptFeatures
from sngan.scoring.protocol import Protocol
from sngan.scoring.reference import Reference
from sngan.scoring.source import Source
from sngan.system.workers import Workers


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What some pictures got under one protocol.

    Attributes:
        protocol: The protocol in force, its numbers filled in.
        score_mean: Inception score (or what the extractor's name makes of it), over the splits;
            None for an extractor without logits.
        score_std: Population standard deviation over the splits.
        distance: FID, or the extractor's own Frechet distance; None without real pictures.
        num_real: Real pictures that entered; None if there were none, or their file does not say.
        real: What they were; None if there were none.
        statistics: The file that keeps theirs; None if there were none.
        mismatches: How the two sides of the distance were made differently, if they were.
        more: Values of further metrics by name.
        settings: What decides them, by metric.
        warnings: What a reader of the numbers should know.
    """

    protocol: Protocol
    score_mean: float | None
    score_std: float | None
    distance: float | None
    num_real: int | None
    real: str | None
    statistics: str | None = None
    mismatches: list[str] = field(default_factory=list)
    more: dict[str, dict[str, float]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        return asdict(self)


def evaluate(
    source: Source,
    protocols: Sequence[Protocol],
    references: Sequence[Reference | None],
    metrics: Mapping[str, Metric],
    describe: FeaturePass,
) -> list[Scores]:
    """Score pictures under several protocols at once.

    Each picture is made once, and passes the extractor once for each rule of quantization that
    the protocols have: once in all for pictures that are 8-bit already.

    Args:
        source: The pictures.
        protocols: What to measure.
        references: The real pictures of each protocol; None to leave the distance out.
        metrics: Further scores by name, which need real pictures.
        describe: The extractor's pass.

    Raises:
        ValueError: If there are too few pictures for a protocol or a metric.
        FloatingPointError: If a sample or a feature is not finite.
    """
    size = [*source(torch.zeros(1, dtype=torch.int64)).shape[2:]]
    tallies = [
        _Tally(
            protocol.for_source(source.name, source.count),
            source,
            reference and reference.compared_with(size),
            metrics,
            describe,
        )
        for protocol, reference in zip(protocols, references, strict=True)
    ]
    rules: dict[Quantization | None, int] = {}
    for tally in tallies:
        rules[tally.rule] = max(rules.get(tally.rule, 0), tally.count)
    for batch in describe(source, rules, f"pictures, {source.name}"):
        for tally in tallies:
            if tally.rule == batch.rule:
                tally.update(batch)
    return [tally.result(describe.workers) for tally in tallies]


def check_metric(name: str, metric: Metric, protocol: Protocol, num_real: int | None) -> None:
    """Raise unless there will be enough pictures for a metric.

    Args:
        name: What the metric is called.
        metric: The metric.
        protocol: The protocol, its numbers filled in.
        num_real: Number of real pictures; None if it is not known yet.

    Raises:
        ValueError: If there are too few samples or real pictures.
    """
    have = {"samples": protocol.num_generated_fid}
    if metric.num_real:
        have["real pictures"] = num_real
    for what, number in have.items():
        if number is not None and number < metric.min_pictures:
            raise ValueError(
                f"metric={name} needs at least {metric.min_pictures:,} {what}, "
                f"protocol {protocol.name} has {number:,}"
            )


class _Tally:
    """What accumulates under one protocol."""

    def __init__(
        self,
        protocol: Protocol,
        source: Source,
        real: Reference | None,
        metrics: Mapping[str, Metric],
        describe: FeaturePass,
    ) -> None:
        assert protocol.num_generated is not None
        assert protocol.num_generated_fid is not None
        self.protocol = protocol
        self.real = real
        self.metrics = {} if real is None else metrics
        self.count, self.count_fid = protocol.num_generated, protocol.num_generated_fid
        self.rule = None if source.is_quantized else protocol.quantization
        self.is_fid_inception = describe.extractor.is_fid_inception
        if self.count_fid < describe.workers.count:
            raise ValueError(
                f"{describe.workers.count} processes cannot share {self.count_fid} samples"
            )
        self.dimension = 0
        self.has_logits = False
        self.score = InceptionScore(self.count, protocol.splits)
        self.moments = Moments()
        self.kept = KeptFeatures(self._num_kept())

    def _num_kept(self) -> int:
        """Return how many features the metrics want, after checking that there will be enough."""
        wanted = [0]
        for name, metric in self.metrics.items():
            assert self.real is not None
            check_metric(name, metric, self.protocol, self.real.count or 0)
            if len(self.real.features) < min(metric.num_real, self.real.count or 0):
                raise ValueError(
                    f"metric={name} needs the features of {metric.num_real:,} real pictures, "
                    f"{self.real.path} keeps {len(self.real.features):,}"
                )
            wanted.append(min(self.count_fid, metric.num_generated or self.count_fid))
        return max(wanted)

    def update(self, batch: Described) -> None:
        """Add a batch; the numbers of its pictures decide where they enter."""
        index, (pool, logits) = batch.index, batch.features
        self.dimension = pool.shape[1]
        self.moments.update(pool[: int((index < self.count_fid).sum())])
        self.kept.update(index, pool)
        if logits is not None:
            self.has_logits = True
            wanted = int((index < self.count).sum())
            self.score.update(index[:wanted], logits[:wanted])

    def result(self, workers: Workers) -> Scores:
        """Return the scores, the same in every process."""
        mean, std = self.score.result(workers) if self.has_logits else (None, None)
        moments = self.moments.result(workers)
        generated = self.kept.result(workers)
        distance, more = None, {}
        if self.real is not None:
            distance = frechet_distance(*moments, self.real.mean, self.real.covariance)
            for name, metric in self.metrics.items():
                more[name] = metric(self.real, generated)
        return Scores(
            protocol=self.protocol,
            score_mean=mean,
            score_std=std,
            distance=distance,
            num_real=None if self.real is None else self.real.count,
            real=None if self.real is None else self.real.label,
            statistics=None if self.real is None else str(self.real.path),
            mismatches=[] if self.real is None else self.real.mismatches,
            more=more,
            settings={name: metric.settings() for name, metric in self.metrics.items()},
            warnings=self._warnings(),
        )

    def _warnings(self) -> list[str]:
        """Say where there are too few pictures for the covariance of their features."""
        if self.real is None or self.count_fid > self.dimension:
            return []
        text = (
            f"{self.count_fid:,} samples for {self.dimension:,} features: bias dominates the "
            "distance"
        )
        if self.is_fid_inception and self.real.count:
            bias = BIAS * (1 / self.count_fid + 1 / self.real.count)
            text += f", about {bias:.0f} for real pictures of CIFAR-10"
        return [text]
