"""Weight clipping (Arjovsky et al., 2017), as the paper applies it: to convolutions only.

With the standard loss and Adam, not with the Wasserstein loss and RMSProp it was invented for.
Paper: https://arxiv.org/abs/1802.05957, Section 4.
"""

import torch
from torch import nn

from sngan.architecture.base import Discriminator
from sngan.regularizer.base import Regularizer
from sngan.system.declared import Positive, checked


class WeightClipping(Regularizer):
    """Clip the weights of convolutions after every update of the discriminator.

    Args:
        bound: The largest absolute value left; the paper uses 0.01. Above 0.

    Raises:
        ValueError: If the bound is not above 0.
    """

    @checked
    def __init__(self, bound: Positive = 0.01) -> None:
        self.bound = bound

    @torch.no_grad()
    def after_step(self, discriminator: Discriminator) -> None:
        """Clip in place; biases, dense layers and embeddings are left alone."""
        for module in discriminator.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.clamp_(-self.bound, self.bound)
