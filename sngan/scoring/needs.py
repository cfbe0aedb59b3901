"""What a metric needs under a protocol, and whether it will get it."""

from sngan.metric.base import Metric
from sngan.scoring.protocol import Protocol
from sngan.scoring.reference import Reference


def num_samples(metric: Metric, protocol: Protocol) -> int:
    """Return how many of a protocol's samples, from the first, a metric looks at.

    Args:
        metric: The metric.
        protocol: The protocol, its numbers filled in.
    """
    count = protocol.num_generated_fid if metric.needs_real else protocol.num_generated
    assert count is not None
    return count


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
    have: dict[str, int | None] = {"samples": num_samples(metric, protocol)}
    if metric.num_real:
        have["real pictures"] = num_real
    for what, number in have.items():
        if number is not None and number < metric.min_pictures:
            raise ValueError(
                f"metric={name} needs at least {metric.min_pictures:,} {what}, "
                f"protocol {protocol.name} has {number:,}"
            )


def check_reference(name: str, metric: Metric, real: Reference) -> None:
    """Raise unless statistics keep the features that a metric looks at.

    Args:
        name: What the metric is called.
        metric: The metric.
        real: The real pictures.

    Raises:
        ValueError: If they keep too few.
    """
    if len(real.features) < min(metric.num_real, real.count or 0):
        raise ValueError(
            f"metric={name} needs the features of {metric.num_real:,} real pictures, "
            f"{real.path} keeps {len(real.features):,}"
        )
