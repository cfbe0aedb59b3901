"""What can be scored: anything that gives the picture of a number, in any order."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.sampling.samples import generate


class Source(ABC):
    """Pictures by number.

    Attributes:
        name: What messages call it.
        count: How many there are; None for as many as wanted.
        is_quantized: Whether they are 8-bit already.
        channels: 3 for RGB pictures, 1 for grey ones, which extractors see in three equal channels.
    """

    name: str
    count: int | None = None
    is_quantized: bool = True
    channels: int = 3

    @abstractmethod
    def __call__(self, index: Tensor) -> Tensor:
        """Return some pictures.

        Args:
            index: Their numbers, ``(N,)`` int64.

        Returns:
            ``(N, channels, H, W)``: uint8 in ``0..255`` if quantized, else float32 in ``[-1, 1]``.
        """


class Samples(Source):
    """What a generator makes, in eval mode; sample ``i`` depends on the seed and ``i`` alone.

    Args:
        generator: On ``device``.
        seed: Seed of the noise and of the classes.
        device: Where the generator runs.
        name: What messages call it.
    """

    is_quantized = False

    def __init__(
        self, generator: Generator, seed: int, device: torch.device, name: str = "a generator"
    ) -> None:
        self.generator = generator
        self.channels = generator.image_channels
        self.seed = seed
        self.device = device
        self.name = name

    def __call__(self, index: Tensor) -> Tensor:
        """See `Source.__call__`."""
        return generate(self.generator, index, self.seed, self.device)


class Fixed(Source):
    """Pictures that are there already.

    Args:
        images: ``(N, channels, H, W)`` uint8 in ``0..255``, perhaps a view of another layout.
        name: What messages call them.
    """

    def __init__(self, images: Tensor, name: str) -> None:
        self.images = images
        self.channels = images.shape[1]
        self.name = name
        self.count = len(images)

    def __call__(self, index: Tensor) -> Tensor:
        """See `Source.__call__`."""
        return self.images[index.to(self.images.device)].contiguous()


class Selection(Source):
    """Some pictures of a source.

    Args:
        source: Where they are.
        chosen: Their numbers there, ``(n,)`` int64; their order is the new one.
    """

    def __init__(self, source: Source, chosen: Tensor) -> None:
        self.source = source
        self.chosen = chosen
        self.name = source.name
        self.count = len(chosen)
        self.is_quantized = source.is_quantized
        self.channels = source.channels

    def __call__(self, index: Tensor) -> Tensor:
        """See `Source.__call__`."""
        return self.source(self.chosen[index])


def shuffled(count: int) -> Tensor:
    """Return the numbers below ``count`` in the one order in which real pictures are chosen."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))
