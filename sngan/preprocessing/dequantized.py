"""Scaling with dequantisation noise, as the authors do for the ResNets.

The paper (https://arxiv.org/abs/1802.05957) does not say how pictures are scaled. Authors' code:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/datasets/cifar10.py
"""

import torch
from torch import Tensor

from sngan.preprocessing.base import Preprocessing


class Dequantized(Preprocessing):
    """Return ``x / 128 - 1 + U(0, 1/128)``, the noise drawn afresh for each pixel and each use."""

    def __call__(self, images: Tensor) -> Tensor:
        """See `Preprocessing.__call__`."""
        # 0 to -1 and 255 to 0.992; the noise fills the step to the next value.
        scaled = images.float() / 128 - 1
        return scaled + torch.rand_like(scaled) / 128
