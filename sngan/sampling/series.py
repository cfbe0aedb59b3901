"""Numbered samples as 8-bit pictures, batch by batch, so that any count of them fits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.sampling.latents import indexed_latents
from sngan.sampling.picture_files import Batch
from sngan.sampling.quantize import quantize
from sngan.sampling.samples import generate_from
from sngan.system.progress import Progress

BATCH_SIZE = 64


@dataclass(frozen=True)
class Draw:
    """How noise and classes are drawn.

    Attributes:
        seed: Seed of the set.
        device: Where the generator runs.
        classes: They take turns; none to draw them, if the generator wants any.
        truncation: See `indexed_latents`.
    """

    seed: int
    device: torch.device
    classes: Sequence[int] = ()
    truncation: float | None = None


def samples(generator: Generator, count: int, draw: Draw) -> Iterator[Batch]:
    """Yield the samples that are scored with a seed, rounded; see `indexed_latents`.

    Args:
        generator: On the device.
        count: How many.
        draw: Their noise and classes.

    Raises:
        FloatingPointError: If one is not finite.
    """
    device, classes = draw.device, torch.tensor(draw.classes)
    with Progress("sampling", count) as progress:
        for index in torch.arange(count).split(BATCH_SIZE):
            z, drawn = indexed_latents(generator, draw.seed, index, device, draw.truncation)
            labels = classes[index % len(classes)].to(device) if len(classes) else drawn
            yield batch_of(generator, z, labels)
            progress.update(len(index))


def in_rows(batches: Iterable[Batch], n_classes: int = 0) -> Tensor:
    """Return all pictures, those of each class together.

    Args:
        batches: The pictures.
        n_classes: How many take turns; 0 or 1 if none do.
    """
    images = torch.cat([batch.images for batch in batches])
    return images.unflatten(0, (-1, max(n_classes, 1))).transpose(0, 1).flatten(0, 1)


def batch_of(generator: Generator, z: Tensor, labels: Tensor | None) -> Batch:
    """Return the pictures of noise and classes.

    Raises:
        FloatingPointError: If one is not finite.
    """
    images = generate_from(generator, z, labels)
    if not images.isfinite().all():
        raise FloatingPointError("the network's samples are not finite")
    return Batch(quantize(images).cpu(), None if labels is None else labels.cpu())
