"""Noise and classes for the generator: a stream to train with, numbered draws to score with.

Paper: https://arxiv.org/abs/1802.05957, Section 4. The authors' code draws labels as here:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/source/miscs/random_samples.py
"""

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.system.require import SettingError


class LatentSource(Protocol):
    """Where an iteration has noise and classes from: `Latents`, or what does the same."""

    def sample(self, count: int) -> tuple[Tensor, Tensor | None]:
        """Return noise, ``(count, latent_size)``, and classes, ``(count,)``, or None."""


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
        """Draw from PyTorch's own stream.

        Returns:
            Noise, ``(count, size)``, normal (the paper, Section 4) or uniform in ``[-1, 1]``, and
            labels, ``(count,)`` int64, or None.
        """
        if self.noise == "uniform":
            z = 2 * torch.rand(count, self.size, device=self.device) - 1
        else:
            z = torch.randn(count, self.size, device=self.device)
        if self.n_classes is None:
            return z, None
        return z, torch.randint(self.n_classes, (count,), device=self.device)


def described(generator: Generator) -> str:
    """Return what a generator reads, in words."""
    classes = "" if generator.n_classes is None else f", {generator.n_classes} classes"
    return f"{generator.noise} noise of length {generator.latent_size}{classes}"


def indexed_latents(
    generator: Generator,
    seed: int,
    index: Tensor,
    device: torch.device,
    truncation: float | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Draw noise and class of some numbered samples, each from a stream of its own.

    A sample depends on the seed and its number alone, so that a set of them is the same whatever
    the batch size, the order, the device and the number of processes.

    Args:
        generator: Says how much noise of which distribution, and how many classes.
        seed: Seed of the set, at least 0.
        index: Numbers of the samples, ``(N,)`` int64.
        device: Where they are wanted; they are drawn on the CPU.
        truncation: Normal noise beyond it, on either side, is drawn anew until it is within; see
            https://arxiv.org/abs/1809.11096, Section 3.1. None for all noise.

    Returns:
        Noise, ``(N, latent_size)`` float32, and labels, ``(N,)`` int64, or None.

    Raises:
        SettingError: If uniform noise is to be truncated.
    """
    if truncation is not None and generator.noise != "normal":
        raise SettingError("truncation", f"is for normal noise, the network's is {generator.noise}")
    streams = [
        np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, i]))
        for i in index.tolist()
    ]
    size = generator.latent_size
    if generator.noise == "uniform":
        z = [2 * stream.random(size, dtype=np.float32) - 1 for stream in streams]
    else:
        z = [stream.standard_normal(size, dtype=np.float32) for stream in streams]
    labels = None
    if generator.n_classes is not None:
        classes = [stream.integers(generator.n_classes) for stream in streams]
        labels = torch.tensor(classes, dtype=torch.int64).to(device)
    if truncation is not None:  # Last, so that classes stay what they are without.
        z = [_redrawn(noise, truncation, stream) for noise, stream in zip(z, streams, strict=True)]
    return torch.from_numpy(np.stack(z)).to(device), labels


def _redrawn(
    noise: "np.ndarray[Any, np.dtype[np.float32]]", limit: float, stream: np.random.Generator
) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Return normal noise, what was beyond a limit drawn anew from the distribution within.

    Of its inverse: to draw until one is within takes ever longer the nearer the limit is to 0.
    """
    beyond = np.abs(noise) > limit
    shares = torch.from_numpy(stream.random(int(beyond.sum())))
    lowest = torch.special.ndtr(torch.tensor(-limit, dtype=torch.float64))
    within = torch.special.ndtri(lowest + shares * (1 - 2 * lowest)).clamp(-limit, limit)
    noise[beyond] = within.numpy()
    return noise
