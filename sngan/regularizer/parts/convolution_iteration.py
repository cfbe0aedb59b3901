"""Algorithm 1 of the paper for a convolution as the linear map it is, not for its kernel's matrix.

The paper divides by the norm of the kernel as a matrix, which sees every patch of a picture by
itself. Patches overlap, and the norm of the convolution is another number (Section 4, footnote 3).
Here the products of the algorithm are the convolution, at its own size, stride and padding with
zeros, and its transpose. What comes after the convolution, such as pooling, is not part of it.

Papers: https://arxiv.org/abs/1802.05957, Algorithm 1; with convolutions in the place of matrices:
https://arxiv.org/abs/1804.04368 (Gouk et al., 2018).
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.grad import conv2d_input, conv2d_weight

from sngan.regularizer.parts.normalized_layer import EPS
from sngan.system.require import SettingError


class Convolution(NamedTuple):
    """The linear map of a convolution, from ``(d_in, H, W)``; its kernel may change.

    Attributes:
        shape: Of one input, ``(1, d_in, H, W)``.
        options: Stride, padding, dilation and groups, as PyTorch's functions name them.
    """

    shape: tuple[int, ...]
    options: dict[str, Any]

    @classmethod
    def of(cls, layer: nn.Conv2d, shape: torch.Size) -> "Convolution":
        """Return the map of a layer.

        Args:
            layer: A convolution, see `require_zeros`.
            shape: Of one of its inputs, ``(d_in, H, W)``.
        """
        names = ("stride", "padding", "dilation", "groups")
        return cls((1, *shape), {name: getattr(layer, name) for name in names})

    def apply(self, kernel: Tensor, v: Tensor) -> Tensor:
        """Convolve ``v``, of the shape of an input."""
        return functional.conv2d(v, kernel, **self.options)

    def transposed(self, kernel: Tensor, u: Tensor) -> Tensor:
        """Apply the transpose of the map to ``u``, of the shape of an output."""
        return conv2d_input(self.shape, kernel, u, **self.options)


class SingularPair(NamedTuple):
    """An estimate of a convolution's first singular pair; no gradient flows through it.

    Attributes:
        u: Output of length one, ``(1, d_out, H', W')``.
        v: Input of length one, ``(1, d_in, H, W)``.
        sigma: Their inner product through the convolution, scalar.
    """

    u: Tensor
    v: Tensor
    sigma: Tensor


def require_zeros(layer: nn.Conv2d) -> None:
    """Raise unless a convolution is padded by some number of zeros, so that its map is known here.

    Raises:
        SettingError: If it is not.
    """
    if layer.padding_mode != "zeros" or isinstance(layer.padding, str):
        raise SettingError(
            "operator",
            "must be matrix for a convolution that is not padded by a number of zeros, got "
            f"convolution with padding={layer.padding}, padding_mode={layer.padding_mode}",
        )


@torch.no_grad()
def convolution_iteration(
    convolution: Convolution, kernel: Tensor, u: Tensor, rounds: int
) -> SingularPair:
    """Do the power iteration of Algorithm 1 with a convolution.

    Args:
        convolution: The map.
        kernel: Its raw weight, ``(d_out, d_in, h, w)``.
        u: Output to start from, ``(1, d_out, H', W')``, of any length but zero.
        rounds: At least 1.
    """
    for _ in range(rounds):
        v = convolution.transposed(kernel, u)
        v = v / (torch.linalg.vector_norm(v) + EPS)
        product = convolution.apply(kernel, v)
        u = product / (torch.linalg.vector_norm(product) + EPS)
    return SingularPair(u, v, (u * product).sum())


def sigma_of(convolution: Convolution, kernel: Tensor, pair: SingularPair) -> Tensor:
    """Return sigma of a kernel, scalar, differentiable in the kernel.

    With ``u`` and ``v`` constant it is linear in the kernel, and its gradient is what a kernel
    would get from an input ``v`` and a gradient ``u``: for a matrix, ``u v^T``. It can be taken
    once.

    Args:
        convolution: The map.
        kernel: As `convolution_iteration` had it.
        pair: What that returned.
    """
    sigma: Tensor = _Sigma.apply(kernel, *pair, convolution.options)
    return sigma


class _Sigma(torch.autograd.Function):
    """See `sigma_of`; the iteration has made the product already."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - PyTorch's context.
        kernel: Tensor,
        u: Tensor,
        v: Tensor,
        sigma: Tensor,
        options: dict[str, Any],
    ) -> Tensor:
        ctx.save_for_backward(u, v)
        ctx.shape, ctx.options = kernel.shape, options
        return sigma.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        u, v = ctx.saved_tensors
        return gradient * conv2d_weight(v, ctx.shape, u, **ctx.options), None, None, None, None
