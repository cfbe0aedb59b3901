"""A layer used with a normalised weight, and a layer whose output is normalised.

What members that replace layers share. Layers keep their raw weights, which the optimizer moves.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.func import functional_call

from sngan.architecture.base import weighted_layers

EPS = 1e-12  # Added to norms, as the authors' code does.


class NormalizedLayer(nn.Module, ABC):
    """A layer used with ``W / norm(W)`` in place of its weight ``W``.

    Args:
        layer: Owner of the ``weight``, whose first dimension is the paper's ``d_out``; or a
            `NormalizedOutput` around it.
        gamma: Whether to multiply by a learned factor (the paper's Appendix E, Eq. 32). It starts
            as the norm, so that the network starts as it would without normalisation, and it ends
            the bound on the Lipschitz constant.

    Attributes:
        gamma: The factor, shaped like the norm, or None.
        estimates_sigma: Whether the norm is meant to be the largest singular value.

    Raises:
        ValueError: If the layer is normalised already.
    """

    estimates_sigma: bool = False

    def __init__(self, layer: nn.Module, gamma: bool = False) -> None:
        super().__init__()
        if any(isinstance(module, NormalizedLayer) for module in layer.modules()):
            raise ValueError(
                "regularizer must name one of spectral_norm, weight_norm and frobenius_norm at "
                "most: a weight is normalised once"
            )
        self.layer = layer
        self.weight_name = next(
            name for name, _ in layer.named_parameters() if name.endswith("weight")
        )
        self.register_parameter("gamma", None)
        if gamma:
            self.gamma = nn.Parameter(self.exact_norm(self.matrix()).detach())

    @abstractmethod
    def norm(self, matrix: Tensor) -> Tensor:
        """Return what the weight is divided by.

        Args:
            matrix: The weight, ``(d_out, d_in * h * w)``, in float32 at least.

        Returns:
            One norm for all, ``()``, or one per row, ``(d_out,)``.
        """

    def exact_norm(self, matrix: Tensor) -> Tensor:
        """Return the norm where `norm` is an estimate; shapes as there."""
        return self.norm(matrix)

    @torch.no_grad()
    def reset_gamma(self) -> None:
        """Start the factor anew, after the weight has been drawn anew."""
        if self.gamma is not None:
            self.gamma.copy_(self.exact_norm(self.matrix()))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer with its normalised weight."""
        return functional_call(self.layer, {self.weight_name: self.normalized_weight()}, (x,))

    def matrix(self) -> Tensor:
        """Return the raw weight as a matrix, ``(d_out, d_in * h * w)``, in float32 at least."""
        weight = self.layer.get_parameter(self.weight_name)
        return weight.to(torch.promote_types(weight.dtype, torch.float32)).flatten(1)

    def normalized_weight(self) -> Tensor:
        """Return the weight in use, shaped like the raw one; never computed below float32."""
        weight = self.layer.get_parameter(self.weight_name)
        with torch.autocast(weight.device.type, enabled=False):
            norm = self.norm(self.matrix())
            factor = 1 / norm if self.gamma is None else self.gamma / norm
            return (weight * factor.reshape(-1, *[1] * (weight.ndim - 1))).to(weight.dtype)


class NormalizedOutput(nn.Module):
    """A layer, a normalisation of its output without the multiplier gamma, and a bias beta.

    Args:
        layer: A convolution, wrapped or not.
        norm: Normalises feature maps, ``(N, d_out, H, W)``; has no parameters.
    """

    def __init__(self, layer: nn.Module, norm: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.norm = norm
        self.beta = nn.Parameter(torch.zeros(output_channels(layer)))

    def forward(self, x: Tensor) -> Tensor:
        """Apply layer, normalisation and bias."""
        return self.norm(self.layer(x)) + self.beta.view(-1, 1, 1)


def output_channels(layer: nn.Module) -> int:
    """Return ``d_out`` of a layer, wrapped or not."""
    (weighted,) = weighted_layers(layer).values()
    return weighted.weight.shape[0]
