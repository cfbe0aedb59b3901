"""Algorithm 1 for many matrices at once: few operations, however many layers there are.

A discriminator has a dozen weights, and their singular vectors are short: what such arithmetic
costs is its number of operations, not their size. Vectors of all matrices are rows of one tensor,
so that norms and quotients are taken together. The products, which read the weights, stay apart.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from sngan.regularizer.parts.normalized_layer import EPS


class SingularPairs(NamedTuple):
    """Estimates of the first singular pair of ``L`` matrices, ``(d_out_l, d_in_l)``.

    Attributes:
        u: Left vectors of length one, ``(L, max d_out)``, padded with zeros.
        v: Right vectors of length one, ``(L, max d_in)``, padded with zeros.
        sigma: Their ``u W v``, the estimates of the largest singular values, ``(L,)``.
    """

    u: Tensor
    v: Tensor
    sigma: Tensor


@torch.no_grad()
def power_iteration(
    matrices: Sequence[Tensor], starts: Sequence[Tensor], rounds: int
) -> SingularPairs:
    """Improve estimates of the first singular pairs (Algorithm 1, Eq. 18 and 19).

    Args:
        matrices: The weights as matrices, ``(d_out, d_in)`` each, all of one type and device.
        starts: Left vectors to start from, ``(d_out,)`` each, of any length but zero.
        rounds: Number of rounds, at least 1.

    Returns:
        New tensors, through which no gradient flows.
    """
    height, width = (max(matrix.shape[side] for matrix in matrices) for side in (0, 1))
    left = matrices[0].new_zeros(len(matrices), height)
    right = matrices[0].new_zeros(len(matrices), width)
    us = [row[: len(matrix)] for row, matrix in zip(left, matrices, strict=True)]
    vs = [row[: matrix.shape[1]] for row, matrix in zip(right, matrices, strict=True)]
    for start, u in zip(starts, us, strict=True):
        u.copy_(start)
    for _ in range(rounds):
        for matrix, u, v in zip(matrices, us, vs, strict=True):
            torch.mv(matrix.t(), u, out=v)
        right /= _lengths(right)
        for matrix, u, v in zip(matrices, us, vs, strict=True):
            torch.mv(matrix, v, out=u)
        lengths = _lengths(left)
        # u W v, for W v still stands in the place of u and u is W v over its length.
        sigma = (left * (left / lengths)).sum(dim=1)
        left /= lengths
    return SingularPairs(left, right, sigma)


def divided_by_sigma(matrices: Sequence[Tensor], pairs: SingularPairs) -> list[Tensor]:
    """Return ``W / (u W v)`` for every matrix, differentiable in ``W``.

    With ``u`` and ``v`` constant, ``u W v`` has the gradient ``u v^T``, which is that of the
    largest singular value (Eq. 9); so a gradient ``G`` of the quotient becomes
    ``(G - <G, W / sigma> u v^T) / sigma`` (Eq. 10 to 12). It can be taken once.

    Args:
        matrices: As for `power_iteration`.
        pairs: What it returned.
    """
    return list(_DividedBySigma.apply(*pairs, *matrices))


def sigmas(matrices: Sequence[Tensor], pairs: SingularPairs) -> Tensor:
    """Return ``u W v`` of every matrix, ``(L,)``, differentiable in ``W``.

    Args:
        matrices: As for `power_iteration`.
        pairs: What it returned.
    """
    products = [
        torch.dot(u[: matrix.shape[0]], torch.mv(matrix, v[: matrix.shape[1]]))
        for matrix, u, v in zip(matrices, pairs.u, pairs.v, strict=True)
    ]
    return torch.stack(products)


class _DividedBySigma(torch.autograd.Function):
    """See `divided_by_sigma`; all matrices in one node of the graph."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - PyTorch's context.
        u: Tensor,
        v: Tensor,
        sigma: Tensor,
        *matrices: Tensor,
    ) -> tuple[Tensor, ...]:
        inverse = sigma.reciprocal()
        quotients = [m * factor for m, factor in zip(matrices, inverse.unbind(), strict=True)]
        ctx.save_for_backward(u, v, inverse, *quotients)
        return tuple(quotients)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        u, v, inverse, *quotients = ctx.saved_tensors
        pairs = list(zip(gradients, quotients, strict=True))
        inner = torch.stack([torch.dot(g.reshape(-1), q.reshape(-1)) for g, q in pairs])
        rows = (u * (inner * -inverse).unsqueeze(1)).unbind()
        found = [
            torch.addr(g * factor, row[: g.shape[0]], other[: g.shape[1]])
            for g, factor, row, other in zip(
                gradients, inverse.unbind(), rows, v.unbind(), strict=True
            )
        ]
        return None, None, None, *found


def _lengths(rows: Tensor) -> Tensor:
    return torch.linalg.vector_norm(rows, dim=1, keepdim=True) + EPS
