"""The norm of a layer as the linear map it is, at its own size, stride, padding and pooling.

The paper divides a convolution by the norm of its kernel as a matrix, which is not the norm of the
convolution: patches overlap (https://arxiv.org/abs/1802.05957, Section 4, footnote 3). With zeros
around the picture there is no closed form. ARPACK's Lanczos iteration finds the norm from products
with the map and its adjoint alone.
"""

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, svds
from torch import Tensor, nn

from sngan.architecture.base import Discriminator, weighted_layers
from sngan.architecture.parts.shapes import input_shapes

TOLERANCE = 1e-8
"""Of the square of the norm, relative."""
Array = "np.ndarray[Any, np.dtype[np.float64]]"


def operator_norms(discriminator: Discriminator) -> dict[str, float]:
    """Return the norm of every layer as a linear map, pooling included, by name.

    An embedding maps one of its rows: its norm is that of the longest one.

    Args:
        discriminator: One fixed function; see `sngan.analysis.frozen`.
    """
    shapes = input_shapes(discriminator)
    return {
        name: operator_norm(layer, shapes[name])
        for name, layer in weighted_layers(discriminator).items()
    }


def operator_norm(layer: nn.Module, shape: torch.Size) -> float:
    """Return the norm of a layer as a linear map; its bias does not count.

    Args:
        layer: In float64.
        shape: Of one input, ``(d_in, H, W)``.
    """
    if isinstance(layer, nn.Embedding):
        return layer.weight.norm(dim=1).max().item()
    if isinstance(layer, nn.Linear):
        return torch.linalg.matrix_norm(layer.weight, 2).item()
    zeros = torch.zeros(1, *shape, dtype=torch.float64)
    offset = layer(zeros)

    def apply(vector: Tensor) -> Tensor:
        return (layer(vector.reshape(zeros.shape)) - offset).flatten()

    output, adjoint = torch.func.vjp(apply, zeros.flatten())[:2]
    size = len(output), zeros.numel()
    if min(size) == 1:  # ARPACK wants more.
        row = adjoint(output.new_ones(1))[0] if size[0] == 1 else apply(zeros.new_ones(1))
        return row.norm().item()
    operator = LinearOperator(
        size,
        matvec=lambda v: apply(torch.from_numpy(v.reshape(-1))).detach().numpy(),
        rmatvec=lambda v: adjoint(torch.from_numpy(v.reshape(-1)))[0].detach().numpy(),
        dtype=np.float64,
    )
    start = np.random.default_rng(0).standard_normal(min(size))
    (norm,) = svds(operator, k=1, tol=TOLERANCE, v0=start, return_singular_vectors=False)
    return float(norm)
