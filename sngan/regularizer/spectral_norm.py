"""Spectral normalization, the paper's method (Section 2, Algorithm 1).

Reference: the authors' sngan_projection, ``source/links/sn_*.py`` and
``source/functions/max_sv.py``.
"""

import torch
from torch import Tensor, nn

from sngan.architecture.base import Position
from sngan.regularizer.base import Regularizer
from sngan.regularizer.normalized_layer import EPS, NormalizedLayer, output_channels
from sngan.settings import require_bool, require_positive


class SpectralNorm(Regularizer):
    """Divide every weight of the discriminator by its largest singular value.

    Args:
        power_iterations: Rounds of power iteration per forward pass; the paper uses 1.
        update_dense_in_eval: Whether dense layers and embeddings store their ``u`` in eval mode
            too, as the reference does. Convolutions store it in train mode only.
        gamma: Whether to multiply each normalised weight by a learned scalar (Eq. 32).

    Raises:
        ValueError: If a setting is not accepted.
    """

    def __init__(
        self,
        power_iterations: int = 1,
        update_dense_in_eval: bool = True,
        gamma: bool = False,
    ) -> None:
        require_positive(**{"regularizer.spectral_norm.power_iterations": power_iterations})
        require_bool(
            **{
                "regularizer.spectral_norm.update_dense_in_eval": update_dense_in_eval,
                "regularizer.spectral_norm.gamma": gamma,
            }
        )
        self.power_iterations = power_iterations
        self.update_dense_in_eval = update_dense_in_eval
        self.gamma = gamma

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the layer with its weight normalised; all positions alike."""
        dense = isinstance(layer, nn.Linear | nn.Embedding)
        return SpectralNormLayer(
            layer,
            self.power_iterations,
            update_in_eval=dense and self.update_dense_in_eval,
            gamma=self.gamma,
        )


class SpectralNormLayer(NormalizedLayer):
    """A layer used with ``W / sigma(W)``, sigma being an estimate of the largest singular value.

    Each forward pass makes ``power_iterations`` rounds from the stored ``u``, in eval mode too,
    where the result is used but, for convolutions, not stored.

    Args:
        layer: See `NormalizedLayer`.
        power_iterations: Rounds per forward pass.
        update_in_eval: Whether eval mode stores ``u`` as well.
        gamma: See `NormalizedLayer`; one scalar per layer.

    Attributes:
        u: Estimate of the first left singular vector, ``(d_out,)``; starts as N(0, 1).
    """

    u: Tensor
    estimates_sigma = True

    def __init__(
        self,
        layer: nn.Module,
        power_iterations: int = 1,
        update_in_eval: bool = False,
        gamma: bool = False,
    ) -> None:
        super().__init__(layer, gamma)
        self.power_iterations = power_iterations
        self.update_in_eval = update_in_eval
        self.register_buffer("u", torch.randn(output_channels(layer)))

    def norm(self, matrix: Tensor) -> Tensor:
        """Return ``sigma``, scalar, and store ``u`` where the mode asks for it."""
        u, v = power_iteration(matrix, self.u.to(matrix.dtype), self.power_iterations)
        if self.training or self.update_in_eval:
            self.u.copy_(u)
        return torch.dot(u, matrix @ v)

    def exact_norm(self, matrix: Tensor) -> Tensor:
        """Return the largest singular value, scalar."""
        return torch.linalg.svdvals(matrix)[0]


@torch.no_grad()
def power_iteration(matrix: Tensor, u: Tensor, rounds: int) -> tuple[Tensor, Tensor]:
    """Improve an estimate of the first singular pair (Algorithm 1, Eq. 18 and 19).

    No gradient flows through the result: with ``u`` and ``v`` constant, ``u @ matrix @ v`` has the
    gradient ``outer(u, v)``, which is that of the largest singular value (Eq. 9).

    Args:
        matrix: The weight as a matrix, ``(d_out, d_in)``.
        u: Start, ``(d_out,)``, of any length but zero.
        rounds: Number of rounds, at least 1.

    Returns:
        New tensors ``u``, ``(d_out,)``, and ``v``, ``(d_in,)``, of length one.
    """
    for _ in range(rounds):
        v = _normalize(u @ matrix)
        u = _normalize(matrix @ v)
    return u, v


def _normalize(vector: Tensor) -> Tensor:
    return vector / (torch.linalg.vector_norm(vector) + EPS)
