"""Scaling with dequantisation noise, as the authors' sngan_projection does for the ResNets."""

import torch
from torch import Tensor

from sngan.preprocessing.base import Preprocessing


class Dequantized(Preprocessing):
    """Return ``x / 128 - 1 + U(0, 1/128)``, the noise drawn afresh for each pixel and each use."""

    def __call__(self, images: Tensor) -> Tensor:
        """See `Preprocessing.__call__`."""
        scaled = images.float() / 128 - 1
        return scaled + torch.rand_like(scaled) / 128
