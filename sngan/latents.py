"""Noise and classes for the generator."""

import torch
from torch import Tensor

from sngan.architecture.base import Generator, Noise


class Latents:
    """What a generator reads: its noise, and uniformly drawn classes if it is conditional.

    Args:
        generator: Says how much noise of which distribution, and how many classes.
        device: Where noise is drawn.
    """

    def __init__(self, generator: Generator, device: torch.device) -> None:
        self.size = generator.latent_size
        self.noise = generator.noise
        self.n_classes = generator.n_classes
        self.device = device

    def sample(self, count: int) -> tuple[Tensor, Tensor | None]:
        """Return noise, ``(count, size)``, and labels, ``(count,)`` int64, or None."""
        z = draw_noise(self.noise, count, self.size, device=self.device)
        return z, draw_labels(self.n_classes, count, device=self.device)


def draw_noise(
    noise: Noise,
    count: int,
    size: int,
    *,
    device: torch.device | None = None,
    random: torch.Generator | None = None,
) -> Tensor:
    """Draw ``z``, ``(count, size)``, normal (the paper, Section 4) or uniform in ``[-1, 1]``.

    Args:
        noise: The distribution.
        count: Number of rows.
        size: Length of a row.
        device: Where to draw; None for the CPU.
        random: Source of randomness; None for PyTorch's own.
    """
    if noise == "uniform":
        return 2 * torch.rand(count, size, device=device, generator=random) - 1
    return torch.randn(count, size, device=device, generator=random)


def draw_labels(
    n_classes: int | None,
    count: int,
    *,
    device: torch.device | None = None,
    random: torch.Generator | None = None,
) -> Tensor | None:
    """Draw labels uniformly, ``(count,)`` int64; None if there are no classes.

    Args:
        n_classes: Number of classes, or None.
        count: How many.
        device: Where to draw; None for the CPU.
        random: Source of randomness; None for PyTorch's own.
    """
    if n_classes is None:
        return None
    return torch.randint(n_classes, (count,), device=device, generator=random)
