"""Homogeneous matrices of changes in the plane and among colours, one for each picture.

They are multiplied by sums of products and not by ``@``: there a GPU may round to TF32, which for a
coordinate is a shift.
"""

import math

import torch
from torch import Tensor

Entry = Tensor | float


def matrix(*rows: tuple[Entry, ...], like: Tensor) -> Tensor:
    """Return matrices of some entries, ``(N, n, n)``.

    Args:
        rows: Numbers, or one for each picture, ``(N,)``.
        like: Of the shape, kind and place of an entry.
    """
    # Zeros plus a number, not a tensor of the number: that would be a copy from the host.
    entries = [entry if isinstance(entry, Tensor) else torch.full_like(like, entry)
               for row in rows for entry in row]  # fmt: skip
    return torch.stack(entries, dim=-1).view(len(like), len(rows), -1)


def product(first: Tensor, second: Tensor) -> Tensor:
    """Return the products of matrices, ``(N, n, n)`` each."""
    return (first[:, :, :, None] * second[:, None]).sum(dim=2)


def scaling(x: Tensor, y: Tensor) -> Tensor:
    """Return what scales the plane, ``(N, 3, 3)``."""
    return matrix((x, 0, 0), (0, y, 0), (0, 0, 1), like=x)


def rotation(cos: Tensor, sin: Tensor) -> Tensor:
    """Return what rotates the plane, ``(N, 3, 3)``."""
    return matrix((cos, -sin, 0), (sin, cos, 0), (0, 0, 1), like=cos)


def translation(x: Tensor, y: Tensor) -> Tensor:
    """Return what shifts the plane, ``(N, 3, 3)``."""
    return matrix((1, 0, x), (0, 1, y), (0, 0, 1), like=x)


def brightening(by: Tensor) -> Tensor:
    """Return what adds to all colours, ``(N, 4, 4)``."""
    return matrix((1, 0, 0, by), (0, 1, 0, by), (0, 0, 1, by), (0, 0, 0, 1), like=by)


def along_and_around(along: Tensor, around: Tensor) -> Tensor:
    """Return what scales colours along the axis of greys, and at right angles to it, ``(N, 4, 4)``.

    Args:
        along: A factor on the luma; -1 flips it.
        around: A factor on what is not grey.
    """
    same, other = (along + 2 * around) / 3, (along - around) / 3
    return matrix(
        (same, other, other, 0), (other, same, other, 0), (other, other, same, 0), (0, 0, 0, 1),
        like=along,
    )  # fmt: skip


def hue_rotation(angle: Tensor) -> Tensor:
    """Return what rotates colours around the axis of greys, ``(N, 4, 4)``."""
    cos, sin = angle.cos(), angle.sin()
    # Rodrigues' formula for the axis (1, 1, 1) / sqrt(3).
    a, b = (1 + 2 * cos) / 3, (1 - cos) / 3
    up, down = b + sin / math.sqrt(3), b - sin / math.sqrt(3)
    return matrix((a, down, up, 0), (up, a, down, 0), (down, up, a, 0), (0, 0, 0, 1), like=angle)
