"""Pictures on the way from one sample to another."""

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.sampling.latents import indexed_latents
from sngan.sampling.picture_files import Batch
from sngan.sampling.series import Draw, batch_of
from sngan.system.require import SettingError

Interpolation = Literal["linear", "spherical"]


def interpolated(
    generator: Generator, kind: Interpolation, rows: int, columns: int, draw: Draw
) -> Iterator[Batch]:
    """Yield rows, each from sample ``2 r`` to sample ``2 r + 1``, of one class if there is any.

    Args:
        generator: On the device.
        kind: See `between`.
        rows: How many.
        columns: Pictures in each, both ends included.
        draw: Noise of the ends; classes take turns row by row, where none are named each row has
            that of its first sample.

    Raises:
        SettingError: If uniform noise is to be interpolated on a sphere.
        FloatingPointError: If a picture is not finite.
    """
    if kind == "spherical" and generator.noise != "normal":
        said = f"must be linear: the network's noise is {generator.noise}, got spherical"
        raise SettingError("--interpolate", said)
    for row in range(rows):
        index = torch.tensor([2 * row, 2 * row + 1])
        ends, drawn = indexed_latents(generator, draw.seed, index, draw.device, draw.truncation)
        labels = None if drawn is None else drawn[:1].expand(columns)
        if draw.classes:
            label = draw.classes[row % len(draw.classes)]
            labels = torch.full((columns,), label, device=draw.device)
        yield batch_of(generator, between(ends[0], ends[1], columns, kind), labels)


def between(first: Tensor, last: Tensor, count: int, kind: Interpolation) -> Tensor:
    """Return noise on the way from one to another.

    Args:
        first: ``(latent_size,)``.
        last: ``(latent_size,)``.
        count: How many, at least 2, both ends included.
        kind: ``linear``, or ``spherical``: normal noise of many numbers lies near a sphere, and a
            line leaves it; https://arxiv.org/abs/1609.04468.

    Returns:
        ``(count, latent_size)``.
    """
    done = torch.linspace(0, 1, count, device=first.device).unsqueeze(1)  # (count, 1)
    if kind == "linear":
        return (1 - done) * first + done * last
    cosine = torch.nn.functional.cosine_similarity(first, last, dim=0)
    angle = cosine.clamp(-1, 1).acos()
    return (((1 - done) * angle).sin() * first + (done * angle).sin() * last) / angle.sin()
