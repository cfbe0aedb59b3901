"""Pictures on the way from one sample to another."""

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.sampling.latents import indexed_latents
from sngan.sampling.picture_files import Batch
from sngan.sampling.series import BATCH_SIZE, Draw, batch_of
from sngan.system.progress import Progress
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
    z, labels = _ways(generator, kind, rows, columns, draw)
    for row in range(rows):
        of_row = None if labels is None else labels[row].expand(columns)
        yield batch_of(generator, z[row], of_row)


def film(
    generator: Generator, kind: Interpolation, count: int, frames: int, draw: Draw
) -> Iterator[Tensor]:
    """Yield frames, each with the pictures that several rows of `interpolated` have there.

    Args:
        generator: On the device.
        kind: See `between`.
        count: How many rows; there they are pictures that change.
        frames: Pictures on the way, both ends included.
        draw: See `interpolated`.

    Yields:
        ``(count, 3, H, W)`` uint8 on the CPU.

    Raises:
        SettingError: If uniform noise is to be interpolated on a sphere.
        FloatingPointError: If a picture is not finite.
    """
    z, labels = _ways(generator, kind, count, frames, draw)
    with Progress("sampling", count * frames) as progress:
        for frame in z.unbind(1):
            parts = [
                batch_of(generator, frame[index], None if labels is None else labels[index]).images
                for index in torch.arange(count, device=draw.device).split(BATCH_SIZE)
            ]
            yield torch.cat(parts)
            progress.update(count)


def _ways(
    generator: Generator, kind: Interpolation, count: int, steps: int, draw: Draw
) -> tuple[Tensor, Tensor | None]:
    """Return noise, ``(count, steps, latent_size)``, and a class for each way, ``(count,)``."""
    if kind == "spherical" and generator.noise != "normal":
        said = f"must be linear: the network's noise is {generator.noise}, got spherical"
        raise SettingError("--interpolate", said)
    index = torch.arange(2 * count)
    ends, labels = indexed_latents(generator, draw.seed, index, draw.device, draw.truncation)
    z = torch.stack(
        [between(first, last, steps, kind) for first, last in ends.unflatten(0, (count, 2))]
    )
    if draw.classes:
        wanted = torch.tensor(draw.classes, device=draw.device)
        return z, wanted[torch.arange(count, device=draw.device) % len(wanted)]
    return z, None if labels is None else labels[::2]


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
