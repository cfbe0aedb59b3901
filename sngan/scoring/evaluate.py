"""Score pictures: one pass of generation and extraction serves every score of every protocol."""

from collections.abc import Mapping, Sequence

import torch

from sngan.metric.base import Metric
from sngan.sampling.quantize import Quantization
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.protocol import Protocol
from sngan.scoring.reference import Reference
from sngan.scoring.scores import Scores
from sngan.scoring.source import Source
from sngan.scoring.tally import Tally


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
        protocols: Which of them enter, and how.
        references: The real pictures of each protocol; None to leave out what needs any.
        metrics: What to measure, by name.
        describe: The extractor's pass.

    Raises:
        ValueError: If there are too few pictures for a protocol or a metric.
        FloatingPointError: If a sample or a feature is not finite.
    """
    size = [*source(torch.zeros(1, dtype=torch.int64)).shape[2:]]
    tallies = [
        Tally(
            protocol.for_source(source.name, source.count),
            None if source.is_quantized else protocol.quantization,
            reference and reference.compared_with(size),
            metrics,
            describe.workers,
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
    return [tally.result(describe.extractor.is_fid_inception) for tally in tallies]
