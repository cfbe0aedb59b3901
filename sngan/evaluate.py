"""Score a generator: one pass of generation and extraction serves every score of a protocol."""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from sngan.architecture.base import Generator
from sngan.dataset.base import Pictures, Split
from sngan.extractor.base import Extractor
from sngan.metric.fid import frechet_distance
from sngan.metric.inception_score import InceptionScore
from sngan.metric.moments import Moments
from sngan.quantize import Quantization, quantize
from sngan.sample import generate


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Everything about a score but the networks.

    Attributes:
        name: What the protocol is called.
        num_generated: Samples for the Inception score.
        splits: Splits of the Inception score.
        num_generated_fid: How many of the samples, from the first, enter the distance.
        num_real: Real pictures that enter the distance, chosen by a fixed seed; None for all.
        real_split: Where they come from.
        quantization: How samples become 8-bit pictures.

    Raises:
        ValueError: If a setting is out of range.
    """

    name: str
    num_generated: int
    splits: int
    num_generated_fid: int
    num_real: int | None
    real_split: Split
    quantization: Quantization

    def __post_init__(self) -> None:
        accepted = {
            "splits": (1 <= self.splits <= self.num_generated, "between 1 and num_generated"),
            "num_generated_fid": (
                2 <= self.num_generated_fid <= self.num_generated,
                "between 2 and num_generated",
            ),
            "num_real": (self.num_real is None or self.num_real >= 2, "at least 2, or null"),
            "real_split": (self.real_split in ("train", "test"), "train or test"),
            "quantization": (self.quantization in ("round", "truncate"), "round or truncate"),
        }
        for setting, (is_valid, wanted) in accepted.items():
            if not is_valid:
                raise ValueError(
                    f"protocol.{self.name}.{setting} must be {wanted}, got {getattr(self, setting)}"
                )


@dataclass(frozen=True)
class Reference:
    """Feature statistics of real pictures: mean ``(d,)``, covariance ``(d, d)``, and how many."""

    mean: Tensor
    covariance: Tensor
    count: int


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What one generator got under one protocol.

    Attributes:
        score_mean: Inception score (or what the extractor's name makes of it), over the splits;
            None for an extractor without logits.
        score_std: Population standard deviation over the splits.
        distance: FID, or the extractor's own Frechet distance.
        num_real: Real pictures that entered.
        protocol: The protocol in force.
    """

    score_mean: float | None
    score_std: float | None
    distance: float
    num_real: int
    protocol: Protocol

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        return asdict(self)


@torch.inference_mode()
def reference(
    pictures: Pictures,
    extractor: Extractor,
    protocol: Protocol,
    *,
    batch_size: int,
    device: torch.device,
) -> Reference:
    """Return the statistics of the real pictures a protocol asks for.

    Args:
        pictures: The whole split that the protocol names.
        extractor: On ``device``.
        protocol: How many pictures to take.
        batch_size: Pictures per pass; does not change the result beyond rounding.
        device: Where the extractor runs.

    Raises:
        ValueError: If the split holds fewer pictures than the protocol names.
    """
    count = len(pictures) if protocol.num_real is None else protocol.num_real
    if count > len(pictures):
        raise ValueError(
            f"protocol {protocol.name} takes {count} real pictures, the {protocol.real_split} "
            f"split has {len(pictures)}; protocol.{protocol.name}.num_real=null takes them all"
        )
    chosen = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[:count]
    moments = Moments()
    with _progress(f"real pictures, {protocol.name}", count) as progress:
        for index in chosen.split(batch_size):
            moments.update(extractor(pictures.images[index].to(device)).pool)
            progress.update(len(index))
    return Reference(*moments.result(), count)


@torch.inference_mode()
def evaluate(
    generator: Generator,
    extractor: Extractor,
    real: Reference,
    protocol: Protocol,
    *,
    seed: int,
    batch_size: int,
    device: torch.device,
) -> Scores:
    """Score a generator.

    Args:
        generator: On ``device``; runs in eval mode.
        extractor: On ``device``.
        real: From `reference`, same extractor and protocol.
        protocol: What to measure.
        seed: Seed of the noise.
        batch_size: Samples per pass; does not change the scores beyond rounding.
        device: Where networks run.

    Raises:
        ValueError: If a feature is not finite.
    """
    score = InceptionScore(protocol.num_generated, protocol.splits)
    moments = Moments()
    has_logits = False
    with _progress(f"samples, {protocol.name}", protocol.num_generated) as progress:
        for images in generate(generator, protocol.num_generated, seed, batch_size, device):
            features = extractor(quantize(images, protocol.quantization))
            moments.update(features.pool[: protocol.num_generated_fid - moments.count])
            if features.logits is not None:
                has_logits = True
                score.update(features.logits)
            progress.update(len(images))
    mean, std = score.result() if has_logits else (None, None)
    return Scores(
        score_mean=mean,
        score_std=std,
        distance=frechet_distance(*moments.result(), real.mean, real.covariance),
        num_real=real.count,
        protocol=protocol,
    )


def _progress(description: str, total: int) -> "tqdm[None]":
    return tqdm(desc=description, total=total, unit="img", disable=None, leave=False)
