"""Weight normalization (the paper's Eq. 25, after Salimans and Kingma, 2016).

A weight with rows of length one has a sum of squared singular values of ``d_out`` (Eq. 27). Few
large ones amplify a picture most, so a discriminator tends to weights of low rank: the paper's
argument against it (Section 3, https://arxiv.org/abs/1802.05957).
"""

import torch
from torch import Tensor, nn

from sngan.architecture.base import Position
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.normalized_layer import EPS, NormalizedLayer, around_weight
from sngan.system.declared import checked


class WeightNorm(Regularizer):
    """Divide every row of every weight, one per output, by its Euclidean length.

    The paper leaves out the learned length of the original, which would end the bound on the
    Lipschitz constant (footnote 8); biases stay.

    Args:
        gamma: Whether to learn the lengths after all, one per row, as Table 7 does.

    Raises:
        ValueError: If ``gamma`` is not a boolean.
    """

    @checked
    def __init__(self, gamma: bool = False) -> None:
        self.gamma = gamma

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the layer with its weight normalised; all positions alike."""
        return around_weight(layer, lambda inner: WeightNormLayer(inner, self.gamma))


class WeightNormLayer(NormalizedLayer):
    """A layer used with rows of length one."""

    def norm(self, matrix: Tensor) -> Tensor:
        """Return the lengths of the rows, ``(d_out,)``."""
        return torch.linalg.vector_norm(matrix, dim=1) + EPS
