"""Transformations of the plane, as in adaptive augmentation.

Each gives the matrices that lead from a place after it to the place before it, with the picture's
middle as origin and its elements as units. A batch is resampled once, after all of them.

Paper: https://arxiv.org/abs/2006.06676 (Karras et al., 2020), Appendix B, Algorithm 1. Authors'
code: https://github.com/NVlabs/stylegan2-ada-pytorch/blob/375a436/training/augment.py
"""

import math

import torch
from torch import Tensor

from sngan.augmentation.parts import matrices
from sngan.augmentation.parts.draws import Draws
from sngan.augmentation.parts.shift import reflected, take

SHIFT = 0.125
"""Largest whole shift, and deviation of a fractional one, of the sides."""
SCALE_STD = 0.2
"""Deviation of the binary logarithm of a scale."""


def x_flip(draws: Draws) -> Tensor:
    """Mirror, or not."""
    mirrored = draws.some(draws.whole(2), 0)
    return matrices.scaling(1 - 2 * mirrored, torch.ones_like(mirrored))


def rotate_90(draws: Draws) -> Tensor:
    """Turn by a multiple of 90 degrees."""
    quarter = draws.some(draws.whole(4), 0) * (math.pi / 2)
    return matrices.rotation(quarter.cos().round(), quarter.sin().round())  # Exactly.


def integer_translation(draws: Draws) -> Tensor:
    """Shift by whole elements."""
    x, y = draws.some(torch.stack([draws.symmetric(), draws.symmetric()]) * SHIFT, 0)
    return matrices.translation(-(x * draws.width).round(), -(y * draws.height).round())


def isotropic_scaling(draws: Draws) -> Tensor:
    """Scale both axes by the same factor."""
    factor = draws.some(draws.log_normal(SCALE_STD), 1)
    return matrices.scaling(1 / factor, 1 / factor)


def rotation(draws: Draws) -> Tensor:
    """Turn by any angle; done twice, so that one of them is done with probability p."""
    angle = draws.some(draws.symmetric() * math.pi, 0, 1 - (1 - draws.p).sqrt())
    return matrices.rotation(angle.cos(), angle.sin())


def anisotropic_scaling(draws: Draws) -> Tensor:
    """Scale one axis up and the other down."""
    factor = draws.some(draws.log_normal(SCALE_STD), 1)
    return matrices.scaling(1 / factor, factor)


def fractional_translation(draws: Draws) -> Tensor:
    """Shift by any distance."""
    x, y = draws.some(torch.stack([draws.normal(SHIFT), draws.normal(SHIFT)]), 0)
    return matrices.translation(-x * draws.width, -y * draws.height)


def resampled(images: Tensor, before: Tensor) -> Tensor:
    """Return pictures whose elements come from elsewhere, between elements by linear interpolation.

    Beyond its edge a picture is mirrored. Elements that come from just where elements are, as after
    whole shifts, are exactly those.

    Args:
        images: ``(N, C, H, W)``.
        before: From a place after the change to that before it, ``(N, 3, 3)``.
    """
    height, width = images.shape[2:]
    rows = torch.arange(height, dtype=before.dtype, device=before.device) - (height - 1) / 2
    columns = torch.arange(width, dtype=before.dtype, device=before.device) - (width - 1) / 2
    entries = before[:, :2, :, None, None].unbind(dim=2)  # (N, 2, 1, 1) each.
    x, y = (entries[0] * columns + entries[1] * rows[:, None] + entries[2]).unbind(dim=1)
    return _between(images, y + (height - 1) / 2, x + (width - 1) / 2)


def _between(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return what is at places between elements, ``(N, C, H, W)``; places are ``(N, H, W)``."""
    height, width = images.shape[2:]
    top, left = rows.floor(), columns.floor()
    down, right = (rows - top)[:, None], (columns - left)[:, None]
    upper, lower = (reflected(top.long() + step, height) for step in (0, 1))
    first, second = (reflected(left.long() + step, width) for step in (0, 1))
    above = take(images, upper, first) * (1 - right) + take(images, upper, second) * right
    below = take(images, lower, first) * (1 - right) + take(images, lower, second) * right
    return above * (1 - down) + below * down
