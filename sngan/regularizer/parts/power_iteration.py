"""Algorithm 1 of the paper for one matrix, and the same for many matrices at once.

`power_iteration` is the algorithm as it is printed: for whoever reads, and for a single layer.
A training calls `batched_power_iteration`. A discriminator has a dozen weights, and their singular
vectors are short: what such arithmetic costs is its number of operations, not their size. So the
vectors of all matrices are rows of one tensor, and norms and quotients are taken together. The
products, which read the weights, stay apart.

Paper: https://arxiv.org/abs/1802.05957, Algorithm 1 and Appendix A. Authors' code:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/source/functions/max_sv.py
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from sngan.regularizer.parts.normalized_layer import EPS


def power_iteration(matrix: Tensor, u: Tensor, rounds: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Estimate the first singular triple of a matrix (Algorithm 1).

    Args:
        matrix: The raw weight ``W`` as a matrix, ``(d_out, d_in)``, not the one in use.
        u: Left vector to start from, ``(d_out,)``, of any length but zero: that of the last call,
            at first a random one.
        rounds: Number of rounds, at least 1.

    Returns:
        The vectors ``u``, ``(d_out,)``, and ``v``, ``(d_in,)``, of length one, through which no
        gradient flows, and ``sigma = u W v``, scalar, differentiable in ``W``.
    """
    with torch.no_grad():
        for _ in range(rounds):
            # Step 1 of the algorithm, Eq. 18. W moves little from one call to the next, so that
            # one round is enough to keep up with it.
            v = _to_length_one(matrix.t() @ u)  # (d_in,)
            u = _to_length_one(matrix @ v)  # (d_out,)

    # Step 2, Eq. 19. With u and v as constants its gradient is u v^T, like that of the largest
    # singular value (Eq. 9). The authors have a function that differentiates through the rounds,
    # too, and do not use it.
    sigma = torch.dot(u, matrix @ v)
    return u, v, sigma


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
def batched_power_iteration(
    matrices: Sequence[Tensor], starts: Sequence[Tensor], rounds: int
) -> SingularPairs:
    """Do `power_iteration` for several matrices.

    Args:
        matrices: The weights as matrices, ``(d_out, d_in)`` each, all of one type and device.
        starts: Left vectors to start from, ``(d_out,)`` each, of any length but zero.
        rounds: Number of rounds, at least 1.

    Returns:
        New tensors, through which no gradient flows.
    """
    # Matrices differ in shape. Zeros behind a short vector change neither its length nor a product
    # of two, so rows may be padded with them.
    height, width = (max(matrix.shape[side] for matrix in matrices) for side in (0, 1))
    left = matrices[0].new_zeros(len(matrices), height)
    right = matrices[0].new_zeros(len(matrices), width)
    # Views without the padding: the products write their results right into the rows.
    us = [row[: len(matrix)] for row, matrix in zip(left, matrices, strict=True)]
    vs = [row[: matrix.shape[1]] for row, matrix in zip(right, matrices, strict=True)]
    for start, u in zip(starts, us, strict=True):
        u.copy_(start)

    for _ in range(rounds):
        for matrix, u, v in zip(matrices, us, vs, strict=True):
            torch.mv(matrix.t(), u, out=v)
        right /= _lengths(right)  # (L, 1); so two operations for all v.
        for matrix, u, v in zip(matrices, us, vs, strict=True):
            torch.mv(matrix, v, out=u)
        lengths = _lengths(left)
        # u W v without another product: W v still stands in the place of u, which will be W v over
        # its length.
        sigma = (left * (left / lengths)).sum(dim=1)
        left /= lengths
    return SingularPairs(left, right, sigma)


def divided_by_sigma(matrices: Sequence[Tensor], pairs: SingularPairs) -> list[Tensor]:
    """Return ``W / (u W v)`` for every matrix, differentiable in ``W``.

    With ``u`` and ``v`` constant, ``u W v`` has the gradient ``u v^T``, which is that of the
    largest singular value (Eq. 9); so a gradient ``G`` of the quotient becomes
    ``(G - <G, W / sigma> u v^T) / sigma`` (Eq. 10 to 12). It can be taken once.

    Args:
        matrices: As for `batched_power_iteration`.
        pairs: What it returned.
    """
    return list(_DividedBySigma.apply(*pairs, *matrices))


def sigmas(matrices: Sequence[Tensor], pairs: SingularPairs) -> Tensor:
    """Return ``u W v`` of every matrix, ``(L,)``, differentiable in ``W``.

    Args:
        matrices: As for `batched_power_iteration`.
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
        # Left to autograd there would be several nodes of the graph for each layer.
        inverse = sigma.reciprocal()
        quotients = [m * factor for m, factor in zip(matrices, inverse.unbind(), strict=True)]
        ctx.save_for_backward(u, v, inverse, *quotients)
        return tuple(quotients)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        # <G, W / sigma> is the paper's lambda but for the sign, since a loss is minimised: what
        # holds a weight back from growing along its first singular direction alone (Eq. 12).
        u, v, inverse, *quotients = ctx.saved_tensors
        pairs = list(zip(gradients, quotients, strict=True))
        inner = torch.stack([torch.dot(g.reshape(-1), q.reshape(-1)) for g, q in pairs])
        rows = (u * (inner * -inverse).unsqueeze(1)).unbind()  # (max d_out,) each.
        found = [
            torch.addr(g * factor, row[: g.shape[0]], other[: g.shape[1]])
            for g, factor, row, other in zip(
                gradients, inverse.unbind(), rows, v.unbind(), strict=True
            )
        ]
        return None, None, None, *found


def _to_length_one(vector: Tensor) -> Tensor:
    # Added, as the authors do; `torch.nn.functional.normalize` takes the larger of the two.
    return vector / (torch.linalg.vector_norm(vector) + EPS)


def _lengths(rows: Tensor) -> Tensor:
    return torch.linalg.vector_norm(rows, dim=1, keepdim=True) + EPS
