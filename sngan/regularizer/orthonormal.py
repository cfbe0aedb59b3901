"""Orthonormal regularization (the paper's Eq. 14, after Brock et al., 2016).

It pulls all singular values towards one, where spectral normalization holds the largest and leaves
the others free. Then no direction may be neglected, which is the paper's argument against it.

Paper: https://arxiv.org/abs/1802.05957, Section 4.1.2. The authors have published no code for it.
That of Brock et al. sums absolute values: https://github.com/ajbrock/Neural-Photo-Editor
"""

import torch
from torch import Tensor, nn

from sngan.architecture.base import Discriminator, Position, weighted_layers
from sngan.regularizer.base import Judged, Regularizer
from sngan.regularizer.parts.normalized_layer import NormalizedLayer
from sngan.system.declared import Weight, checked


class Orthonormal(Regularizer):
    """Start every weight orthonormal and penalise ``||W^T W - I||_F^2``, summed over layers.

    With the weight as a matrix ``(m, n)``, ``||W^T W - I_n||^2 = ||W W^T - I_m||^2 + (n - m)``:
    both have the same gradient, and the smaller of the two is computed. Its value is zero for an
    orthonormal weight, which Eq. 14 itself reaches for ``m >= n`` only.

    Args:
        weight: Factor on the penalty. The paper does not give one; 1 is Eq. 14 as it is written,
            and holds the singular values of a standard CNN within a few percent of one.

    Raises:
        ValueError: If it is negative.
    """

    @checked
    def __init__(self, weight: Weight = 1.0) -> None:
        self.weight = weight

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the layer with an orthonormal weight; all positions alike."""
        # The paper starts every weight as a random orthonormal matrix.
        for weighted in weighted_layers(layer).values():
            nn.init.orthogonal_(weighted.weight)
        # A learned length of another member had started as the norm of the weight before.
        for module in layer.modules():
            if isinstance(module, NormalizedLayer):
                module.reset_gamma()
        return layer

    def penalty(self, discriminator: Discriminator, judged: Judged) -> Tensor:
        """See `Regularizer.penalty`; biases are not touched."""
        layers = weighted_layers(discriminator).values()
        # All layers, as spectral norm takes all; which ones the paper does not say.
        deviations = [_deviation(layer.weight.flatten(1)) for layer in layers]  # (d_out, the rest)
        return self.weight * torch.stack(deviations).sum()


def _deviation(matrix: Tensor) -> Tensor:
    """Return ``||W W^T - I||_F^2`` over the smaller side of ``(m, n)``, scalar."""
    # The CNN's last convolution is 512 x 2304: so 512 x 512 products, not 2304 x 2304.
    short = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    identity = torch.eye(len(short), dtype=matrix.dtype, device=matrix.device)
    return (short @ short.T - identity).square().sum()
