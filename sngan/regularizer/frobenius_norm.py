"""Normalisation by the Frobenius norm (the paper's Eq. 26, Table 7).

Paper: https://arxiv.org/abs/1802.05957, Appendix E: with it, training collapsed early.
"""

import torch
from torch import Tensor, nn

from sngan.architecture.base import Position
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.normalized_layer import EPS, NormalizedLayer, around_weight
from sngan.system.declared import checked


class FrobeniusNorm(Regularizer):
    """Divide every weight of the discriminator by the root of its sum of squares.

    Args:
        gamma: Whether to multiply by a learned scalar per layer (Eq. 32), as Table 7 does.

    Raises:
        ValueError: If ``gamma`` is not a boolean.
    """

    @checked
    def __init__(self, gamma: bool = False) -> None:
        self.gamma = gamma

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the layer with its weight normalised; all positions alike."""
        return around_weight(layer, lambda inner: FrobeniusNormLayer(inner, self.gamma))


class FrobeniusNormLayer(NormalizedLayer):
    """A layer used with a weight whose sum of squares is one."""

    def norm(self, matrix: Tensor) -> Tensor:
        """Return the Frobenius norm, scalar."""
        return torch.linalg.vector_norm(matrix) + EPS
