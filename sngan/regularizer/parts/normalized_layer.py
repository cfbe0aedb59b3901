"""A layer used with a normalised weight, and a layer whose output is normalised.

What members that replace layers share. Layers keep their raw weights, which the optimizer moves.

Paper: https://arxiv.org/abs/1802.05957, Eq. 8, 25 and 26 for the norms, Eq. 32 for gamma. The
authors have a class for each kind of layer instead, for example
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/source/links/sn_linear.py
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from sngan.architecture.base import WeightedLayer, weighted_layers
from sngan.architecture.parts.resampling import HalvingConvolution, halve

EPS = 1e-12  # Added to norms, as the authors' code does.


class PartwiseModule(nn.Module):
    """A module for which one batch may be several, each with statistics of its own.

    Attributes:
        parts: Sizes of the batches that pass together, in order; empty for one batch.
    """

    parts: tuple[int, ...] = ()


class NormalizedLayer(PartwiseModule, ABC):
    """A layer used with ``W / norm(W)`` in place of its weight ``W``.

    Args:
        layer: Owner of the weight, whose first dimension is the paper's ``d_out``.
        gamma: Whether to multiply by a learned factor (the paper's Appendix E, Eq. 32). It starts
            as the norm, so that the network starts as it would without normalisation, and it ends
            the bound on the Lipschitz constant.

    Attributes:
        gamma: The factor, shaped like the norm, or None.
        estimates_sigma: Whether the norm is meant to be the largest singular value.

    Raises:
        ValueError: If the layer is normalised already, or of another kind.
    """

    estimates_sigma: bool = False

    def __init__(self, layer: nn.Module, gamma: bool = False) -> None:
        super().__init__()
        if isinstance(layer, NormalizedLayer):
            raise ValueError(
                "regularizer must name one of spectral_norm, weight_norm and frobenius_norm at "
                "most: a weight is normalised once"
            )
        if not isinstance(layer, WeightedLayer):
            raise ValueError(
                "a layer to normalise must be Conv2d, Linear or Embedding, "
                f"got {type(layer).__name__}"
            )
        # The layer stays what it is and keeps its weight; only what it computes with is replaced.
        self.layer: WeightedLayer = layer
        self.register_parameter("gamma", None)
        if gamma:
            self.gamma = nn.Parameter(self.norm(self.matrix()).detach())

    @abstractmethod
    def norm(self, matrix: Tensor) -> Tensor:
        """Return the norm of the weight, exact.

        Args:
            matrix: The weight, ``(d_out, d_in * h * w)``, in float32 at least.

        Returns:
            One norm for all, ``()``, or one per row, ``(d_out,)``.
        """

    @torch.no_grad()
    def reset_gamma(self) -> None:
        """Start the factor anew, after the weight has been drawn anew."""
        if self.gamma is not None:
            self.gamma.copy_(self.norm(self.matrix()))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer with its normalised weight."""
        # PyTorch's parametrizations would do it, too, but at every access of the weight: a power
        # iteration would advance when somebody merely looks.
        return functional_call(self.layer, {"weight": self.normalized_weight()}, (x,))

    def normalized_weight(self) -> Tensor:
        """Return the weight in use, shaped like the raw one; never computed below float32."""
        with torch.autocast(self.layer.weight.device.type, enabled=False):
            # Not detached: the optimizer moves W through its norm, too (Eq. 9).
            matrix = self.matrix()
            factor = 1 / self.norm(matrix) if self.gamma is None else self.gamma / self.norm(matrix)
            return self.as_weight(matrix * factor.reshape(-1, 1))  # (1, 1) or (d_out, 1)

    def matrix(self) -> Tensor:
        """Return the raw weight as a matrix, ``(d_out, d_in * h * w)``, in float32 at least.

        The columns of a channels-last weight come in the order of memory. That changes no norm, and
        spares a copy in every pass.
        """
        weight = self.layer.weight
        weight = weight.permute(0, 2, 3, 1) if _is_channels_last(weight) else weight
        return weight.to(torch.promote_types(weight.dtype, torch.float32)).flatten(1)

    def as_weight(self, matrix: Tensor) -> Tensor:
        """Return a matrix like that of `matrix` in the shape, layout and type of the weight."""
        weight = self.layer.weight
        if not _is_channels_last(weight):
            return matrix.view(weight.shape).to(weight.dtype)
        outputs, inputs, *sides = weight.shape
        # (d_out, h * w * d_in) to (d_out, h, w, d_in) to (d_out, d_in, h, w), without a copy.
        return matrix.view(outputs, *sides, inputs).permute(0, 3, 1, 2).to(weight.dtype)


class NormalizedOutput(PartwiseModule):
    """A layer, a normalisation of its output without the multiplier gamma, and a bias beta.

    Args:
        layer: A convolution, wrapped or not.
        norm: Normalises feature maps, ``(N, d_out, H, W)``; has no parameters.
    """

    def __init__(self, layer: nn.Module, norm: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.norm = norm
        self.halves = _leave_halving(layer)
        self.beta = nn.Parameter(torch.zeros(output_channels(layer)))

    def forward(self, x: Tensor) -> Tensor:
        """Apply layer, normalisation and bias, and only then any halving of the sides."""
        y = self.layer(x)  # (N, d_out, H, W)
        if self.parts:
            # Each part has a mean and a variance of its own, as if it passed alone.
            y = torch.cat([self.norm(part) for part in y.split(self.parts)])
        else:
            y = self.norm(y)
        # No gamma, in no norm of the paper's: it would end what bounds the Lipschitz constant.
        y = y + self.beta.view(-1, 1, 1)  # (d_out, 1, 1)
        return halve(y) if self.halves else y


def around_weight(layer: nn.Module, wrap: Callable[[nn.Module], nn.Module]) -> nn.Module:
    """Put a wrapper next to the weight, inside of any normalisation of the output.

    Args:
        layer: A layer, or one with its output normalised.
        wrap: Returns the wrapper of a layer.
    """
    if not isinstance(layer, NormalizedOutput):
        return wrap(layer)
    layer.layer = around_weight(layer.layer, wrap)
    return layer


def output_channels(layer: nn.Module) -> int:
    """Return ``d_out`` of a layer, wrapped or not."""
    (weighted,) = weighted_layers(layer).values()
    return weighted.weight.shape[0]


def _leave_halving(layer: nn.Module) -> bool:
    """Stop what halves the sides inside of a layer; return whether there is something."""
    kinds = HalvingConvolution | NormalizedOutput
    halving = [part for part in layer.modules() if isinstance(part, kinds) and part.halves]
    for part in halving:
        part.halves = False
    return bool(halving)


def _is_channels_last(weight: Tensor) -> bool:
    """Whether a convolution's weight has its input channels next to each other in memory."""
    if weight.ndim != 4 or weight.is_contiguous():
        return False
    return weight.is_contiguous(memory_format=torch.channels_last)
