"""Batch normalization of the discriminator's feature maps, without the multiplier gamma.

Reference: the authors' chainer-gan-lib, ``common/net.py``, ``DCGANDiscriminator``: after every
convolution but the first, ``use_gamma=False``. Real and generated batches pass separately, so each
has statistics of its own.
"""

from torch import nn

from sngan.architecture.base import Position
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.normalized_layer import NormalizedOutput, output_channels
from sngan.system.require import require_number


class BatchNorm(Regularizer):
    """Normalise the output of hidden convolutions over the batch.

    Shortcuts of residual blocks are left alone, as are the first convolution and the last layer.

    Args:
        eps: Added to the variance; Chainer's default.
        momentum: Weight of a new batch in the running statistics, which only eval mode uses.

    Raises:
        ValueError: If ``eps`` is not above 0, or ``momentum`` negative.
    """

    def __init__(self, eps: float = 2e-5, momentum: float = 0.1) -> None:
        require_number("eps", eps, above=0)
        require_number("momentum", momentum)
        self.eps = eps
        self.momentum = momentum

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return a hidden convolution followed by the normalisation and a bias."""
        if position != "hidden":
            return layer
        norm = nn.BatchNorm2d(output_channels(layer), self.eps, self.momentum, affine=False)
        return NormalizedOutput(layer, norm)
