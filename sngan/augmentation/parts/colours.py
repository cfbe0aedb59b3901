"""Transformations of colours, as in adaptive augmentation: affine maps of RGB.

Paper: https://arxiv.org/abs/2006.06676 (Karras et al., 2020), Appendix B, Algorithm 1. Authors'
code: https://github.com/NVlabs/stylegan2-ada-pytorch/blob/375a436/training/augment.py
"""

import math

import torch
from torch import Tensor

from sngan.augmentation.parts import matrices
from sngan.augmentation.parts.draws import Draws

BRIGHTNESS_STD = 0.2
CONTRAST_STD, SATURATION_STD = 0.5, 1.0
"""Of the binary logarithm of a factor."""


def brightness(draws: Draws) -> Tensor:
    """Add the same to all colours."""
    return matrices.brightening(draws.some(draws.normal(BRIGHTNESS_STD), 0))


def contrast(draws: Draws) -> Tensor:
    """Scale all colours."""
    factor = draws.some(draws.log_normal(CONTRAST_STD), 1)
    return matrices.along_and_around(factor, factor)


def luma_flip(draws: Draws) -> Tensor:
    """Make light what is dark, or not, and keep the hue."""
    flipped = draws.some(draws.whole(2), 0)
    return matrices.along_and_around(1 - 2 * flipped, torch.ones_like(flipped))


def hue(draws: Draws) -> Tensor:
    """Turn colours around the axis of greys."""
    return matrices.hue_rotation(draws.some(draws.symmetric() * math.pi, 0))


def saturation(draws: Draws) -> Tensor:
    """Scale the distance from that axis."""
    factor = draws.some(draws.log_normal(SATURATION_STD), 1)
    return matrices.along_and_around(torch.ones_like(factor), factor)


def recoloured(images: Tensor, change: Tensor) -> Tensor:
    """Return pictures in other colours.

    Args:
        images: ``(N, C, H, W)``; grey ones are told what becomes of grey.
        change: From a colour to another, ``(N, 4, 4)``.
    """
    linear, offset = change[:, :3, :3, None, None], change[:, :3, 3:, None]  # (N, 3, 1, 1)
    if images.shape[1] == 1:
        return images * linear.sum(dim=2).mean(dim=1, keepdim=True) + offset.mean(1, keepdim=True)
    return (linear * images[:, None]).sum(dim=2) + offset
