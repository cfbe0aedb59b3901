"""Random numbers of transformations, drawn on the device."""

import torch
from torch import Tensor


class Draws:
    """What is drawn for each picture of a batch, ``(N,)`` each.

    Args:
        images: ``(N, C, H, W)``.
        p: Probability with which each transformation is done, scalar.
    """

    def __init__(self, images: Tensor, p: Tensor) -> None:
        self.height, self.width = images.shape[2:]
        self.p = p.to(images.dtype)
        self._like = images.detach()[:, 0, 0, 0]

    def uniform(self) -> Tensor:
        """Return numbers in ``[0, 1)``."""
        return torch.rand_like(self._like)

    def symmetric(self) -> Tensor:
        """Return numbers in ``[-1, 1)``."""
        return self.uniform() * 2 - 1

    def normal(self, deviation: float) -> Tensor:
        """Return normal numbers."""
        return torch.randn_like(self._like) * deviation

    def log_normal(self, deviation: float) -> Tensor:
        """Return numbers whose binary logarithm is normal."""
        return self.normal(deviation).exp2()

    def whole(self, count: int) -> Tensor:
        """Return ``0`` to ``count - 1``."""
        return (self.uniform() * count).floor()

    def some(self, values: Tensor, otherwise: float, p: Tensor | None = None) -> Tensor:
        """Return values for some pictures, and what changes nothing for the others.

        Args:
            values: Along the last dimension those of the pictures; what is stacked goes together.
            otherwise: What changes nothing.
            p: Probability, if it is another.
        """
        chosen = self.uniform() < (self.p if p is None else p)
        return torch.where(chosen, values, torch.full_like(values, otherwise))
