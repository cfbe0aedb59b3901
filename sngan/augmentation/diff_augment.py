"""Differentiable augmentation, DiffAugment (Zhao et al., 2020).

Paper: https://arxiv.org/abs/2006.10738, Section 3. Authors' code, whose formulas, ranges and order
of random draws these are:
https://github.com/mit-han-lab/data-efficient-gans/blob/ce71c7e/DiffAugment-stylegan2-pytorch/DiffAugment_pytorch.py
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import torch
from annotated_types import Len
from torch import Tensor

from sngan.augmentation.base import Augmentation
from sngan.augmentation.parts.shift import take
from sngan.system.declared import checked

SHIFT = 0.125
"""How far a picture is shifted at most, of its sides."""
CUTOUT = 0.5
"""The sides of what is cut out, of the picture's."""
Part = Literal["color", "translation", "cutout"]
Policy = Annotated[Sequence[Part], Len(1, 8)]


class DiffAugment(Augmentation):
    """Change every picture by every part of a policy, one part after the other.

    Args:
        policy: ``color`` (brightness, saturation, contrast), ``translation`` and ``cutout``, in the
            order in which they are done.

    Raises:
        ValueError: If a part is none of these.
    """

    @checked
    def __init__(self, policy: Policy = ("color", "translation", "cutout")) -> None:
        super().__init__()
        self.policy = policy

    def augment(self, images: Tensor) -> Tensor:
        """See `Augmentation.augment`."""
        for part in self.policy:
            for change in CHANGES[part]:
                images = change(images)
        return images


def brightness(images: Tensor) -> Tensor:
    """Add a number in ``[-0.5, 0.5]`` to each picture."""
    return images + (_uniform(images) - 0.5)


def saturation(images: Tensor) -> Tensor:
    """Multiply the distances of colours from grey with a number in ``[0, 2]``."""
    grey = images.mean(dim=1, keepdim=True)
    return (images - grey) * (_uniform(images) * 2) + grey


def contrast(images: Tensor) -> Tensor:
    """Multiply the distances from the picture's mean with a number in ``[0.5, 1.5]``."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return (images - mean) * (_uniform(images) + 0.5) + mean


def translation(images: Tensor) -> Tensor:
    """Shift each picture by up to an eighth; zeros come in."""
    height, width = images.shape[2:]
    rows, columns = (
        torch.arange(side, device=images.device) + _whole(images, -most, most + 1)[:, None]
        for side, most in ((height, _share(height, SHIFT)), (width, _share(width, SHIFT)))
    )  # (N, H), (N, W)
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[
        :, None
    ]
    shape = (len(images), height, width)
    found = take(
        images,
        rows.clamp(0, height - 1)[:, :, None].expand(shape),
        columns.clamp(0, width - 1)[:, None].expand(shape),
    )
    return found * inside[:, None]


def cutout(images: Tensor) -> Tensor:
    """Put zeros into a box of half the height and width, which may stick out by half of it."""
    sides = [_share(side, CUTOUT) for side in images.shape[2:]]
    top, left = (
        _whole(images, 0, length + 1 - side % 2) - side // 2
        for length, side in zip(images.shape[2:], sides, strict=True)
    )
    return images * _outside_box(images, top, left, *sides)


CHANGES: dict[Part, tuple[Callable[[Tensor], Tensor], ...]] = {
    "color": (brightness, saturation, contrast),
    "translation": (translation,),
    "cutout": (cutout,),
}


def _uniform(images: Tensor) -> Tensor:
    """Return a random number for each picture, in ``[0, 1)``, ``(N, 1, 1, 1)``."""
    return torch.rand(len(images), 1, 1, 1, dtype=images.dtype, device=images.device)


def _whole(images: Tensor, low: int, high: int) -> Tensor:
    """Return a random whole number for each picture, ``(N,)``; ``high`` is not among them."""
    return torch.randint(low, high, (len(images),), device=images.device)


def _share(side: int, ratio: float) -> int:
    return int(side * ratio + 0.5)


def _outside_box(images: Tensor, top: Tensor, left: Tensor, height: int, width: int) -> Tensor:
    """Return where a box is not, ``(N, 1, H, W)`` bool.

    Args:
        images: ``(N, C, H, W)``.
        top: The box's first row in each picture, ``(N,)``; it may be outside.
        left: Its first column.
        height: Its rows.
        width: Its columns.
    """
    rows = torch.arange(images.shape[2], device=images.device) - top[:, None]
    columns = torch.arange(images.shape[3], device=images.device) - left[:, None]
    in_rows, in_columns = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    return ~(in_rows[:, None, :, None] & in_columns[:, None, None, :])
