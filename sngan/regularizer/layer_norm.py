"""Layer normalization of the discriminator's feature maps (Ba et al., 2016), without gamma.

The paper does not give the axes; channels, rows and columns of each picture together are those of
Gulrajani et al., 2017. Positions are those of `sngan.regularizer.batch_norm`.

Paper: https://arxiv.org/abs/1802.05957. Code of Gulrajani et al.:
https://github.com/igul222/improved_wgan_training/blob/fa66c57/tflib/ops/layernorm.py
"""

from torch import nn

from sngan.architecture.base import Position
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.normalized_layer import NormalizedOutput, output_channels
from sngan.system.declared import Small, checked


class LayerNorm(Regularizer):
    """Normalise the output of hidden convolutions over each picture; one bias per channel.

    Args:
        eps: Added to the variance; that of Gulrajani et al.

    Raises:
        ValueError: If ``eps`` is not above 0.
    """

    @checked
    def __init__(self, eps: Small = 1e-5) -> None:
        self.eps = eps

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return a hidden convolution followed by the normalisation and a bias."""
        if position != "hidden":
            return layer
        # One group is all channels: GroupNorm then is layer norm for feature maps of any size.
        return NormalizedOutput(
            layer, nn.GroupNorm(1, output_channels(layer), self.eps, affine=False)
        )
