"""Noise for the generator."""

import torch
from torch import Tensor


class Latents:
    """Standard normal noise, ``z ~ N(0, I)`` (the paper, Section 4).

    Args:
        size: Length of ``z``.
        device: Where noise is drawn.
    """

    def __init__(self, size: int, device: torch.device) -> None:
        self.size = size
        self.device = device

    def sample(self, count: int) -> tuple[Tensor, Tensor | None]:
        """Return noise, ``(count, size)``, and labels; None, for an unconditional generator."""
        return torch.randn(count, self.size, device=self.device), None
