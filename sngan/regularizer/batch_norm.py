"""Batch normalization of the discriminator's feature maps, without the multiplier gamma.

After every convolution but the first, as in ``DCGANDiscriminator`` of the authors' code. Real and
generated batches pass separately, so each has statistics of its own.

Paper: https://arxiv.org/abs/1802.05957. Authors' code:
https://github.com/pfnet-research/chainer-gan-lib/blob/cf9efba/common/net.py
"""

from torch import nn

from sngan.architecture.base import BATCH_NORM_EPS, Position
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.normalized_layer import NormalizedOutput, output_channels
from sngan.system.declared import Share, Small, checked


class BatchNorm(Regularizer):
    """Normalise the output of hidden convolutions over the batch.

    Shortcuts of residual blocks are left alone, as are the first convolution and the last layer.

    Args:
        eps: Added to the variance; Chainer's default.
        momentum: Weight of a new batch in the running statistics, which only eval mode uses.

    Raises:
        ValueError: If ``eps`` is not above 0, or ``momentum`` negative.
    """

    @checked
    def __init__(self, eps: Small = BATCH_NORM_EPS, momentum: Share = 0.1) -> None:
        self.eps = eps
        self.momentum = momentum

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return a hidden convolution followed by the normalisation and a bias."""
        if position != "hidden":
            return layer
        norm = nn.BatchNorm2d(output_channels(layer), self.eps, self.momentum, affine=False)
        return NormalizedOutput(layer, norm)
