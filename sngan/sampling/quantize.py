"""From network output to 8-bit pictures, by one of two fixed rules."""

from typing import Literal

import torch
from torch import Tensor

Quantization = Literal["round", "truncate"]


def quantize(images: Tensor, rule: Quantization = "round") -> Tensor:
    """Map ``[-1, 1]`` to ``0..255``; what lies outside is clamped first.

    Args:
        images: Any shape, floating point.
        rule: ``round`` takes the nearest level, ``truncate`` the one below, as the authors' code
            does (it darkens by half a level on average).

    Returns:
        Same shape, uint8.
    """
    scaled = images.float() * 127.5 + (128 if rule == "round" else 127.5)
    return scaled.clamp(0, 255).to(torch.uint8)


def as_rgb(images: Tensor) -> Tensor:
    """Return pictures with three channels, ``(N, 3, H, W)``; grey ones have three equal ones."""
    return images.expand(-1, 3, -1, -1) if images.shape[1] == 1 else images
