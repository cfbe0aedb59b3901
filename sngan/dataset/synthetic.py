"""A built-in set that needs no download: coloured shapes over gradients, labelled by shape."""

import math
from collections.abc import Callable
from typing import Annotated

import torch
from annotated_types import Interval
from torch import Tensor

from sngan.dataset.base import Dataset, Pictures, Split
from sngan.dataset.parts.memory import empty_pictures
from sngan.system.declared import Count, Seed, checked

CHUNK = 1000  # Pictures drawn at a time, to bound memory.


def draw(labels: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Draw one picture per label.

    Args:
        labels: Index into `SHAPES`, ``(N,)`` int64.
        size: Side in pixels.
        generator: Source of randomness.

    Returns:
        Pictures, ``(N, 3, size, size)`` uint8.
    """
    count = len(labels)
    axis = (torch.arange(size) + 0.5) / size * 2 - 1  # Pixel centres in [-1, 1].
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    background = _gradient(x, y, count, generator)
    radius = 0.5 + 0.25 * torch.rand(count, 1, 1, generator=generator)
    centre = (torch.rand(2, count, 1, 1, generator=generator) - 0.5) * 2 * (0.9 - radius)
    u, v = (x - centre[0]) / radius, (y - centre[1]) / radius
    distances = torch.stack([shape(u, v) * radius for shape in SHAPES.values()])
    distance = distances.gather(0, labels.view(1, -1, 1, 1).expand(1, -1, size, size))
    coverage = (0.5 - distance * size / 2).clamp(0, 1).transpose(0, 1)  # (N, 1, size, size)
    colour = _contrasting_colour(background, generator)
    image = coverage * colour + (1 - coverage) * background
    return (image * 255).round().to(torch.uint8)


def _gradient(x: Tensor, y: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return backgrounds that run from one muted colour to another, ``(count, 3, H, W)``."""
    angle = torch.rand(count, 1, 1, generator=generator) * 2 * math.pi
    ramp = ((x * angle.cos() + y * angle.sin()) / math.sqrt(2) + 1) / 2
    ends = 0.15 + 0.6 * torch.rand(2, count, 3, 1, 1, generator=generator)
    return ends[0] + (ends[1] - ends[0]) * ramp.unsqueeze(1)


def _contrasting_colour(background: Tensor, generator: torch.Generator) -> Tensor:
    """Return a vivid colour per picture, far from its mean background, ``(N, 3, 1, 1)``."""
    candidates = torch.rand(8, len(background), 3, generator=generator).round()
    distance = (candidates - background.mean(dim=(2, 3))).square().sum(dim=2)
    best = distance.argmax(dim=0)
    return candidates[best, torch.arange(len(background))].view(-1, 3, 1, 1)


def _disc(u: Tensor, v: Tensor) -> Tensor:
    return torch.hypot(u, v) - 0.9


def _square(u: Tensor, v: Tensor) -> Tensor:
    return torch.maximum(u.abs(), v.abs()) - 0.75


def _triangle(u: Tensor, v: Tensor) -> Tensor:
    return torch.maximum(u.abs() * math.sqrt(0.75) - v / 2, v) - 0.5  # Tip up: v grows downwards.


def _ring(u: Tensor, v: Tensor) -> Tensor:
    return (torch.hypot(u, v) - 0.7).abs() - 0.22


SHAPES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "disc": _disc,
    "square": _square,
    "triangle": _triangle,
    "ring": _ring,
}
"""Signed distances to the outline, in units of the radius, negative inside."""


class SyntheticShapes(Dataset):
    """Discs, squares, triangles and rings of random colour, size and place, upright.

    The same seed gives the same pictures. The test split is drawn from another stream of it.

    Args:
        image_size: Side of the pictures in pixels, at least 8.
        num_images: Pictures per split, at least 1.
        seed: Seed of the drawing, at least 0.
        n_classes: How many of the shapes to draw, 1 to 4.

    Raises:
        ValueError: If a setting is out of range.
    """

    @checked
    def __init__(
        self,
        image_size: Annotated[int, Interval(ge=8, le=4096)] = 32,
        num_images: Count = 20_000,
        seed: Seed = 0,
        n_classes: Annotated[int, Interval(ge=1, le=len(SHAPES))] = 4,
    ) -> None:
        self.image_size = image_size
        self.num_images = num_images
        self.seed = seed
        self.n_classes = n_classes

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`."""
        images = empty_pictures(self.num_images, self.image_size)
        generator = torch.Generator().manual_seed(2 * self.seed + (split == "test"))
        labels = torch.randint(self.n_classes, (self.num_images,), generator=generator)
        for some, classes in zip(images.split(CHUNK), labels.split(CHUNK), strict=True):
            some.copy_(draw(classes, self.image_size, generator))
        return Pictures(images, labels, tuple(SHAPES)[: self.n_classes])
