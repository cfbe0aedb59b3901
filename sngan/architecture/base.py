"""What a generator and a discriminator promise to the rest of the package."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

Position = Literal["first", "hidden", "shortcut", "last"]
"""Where a layer stands in the discriminator.

``first`` reads the picture, ``last`` makes the logit, ``shortcut`` is the 1x1 convolution beside a
residual block, ``hidden`` is every other one.
"""

WrapLayer = Callable[[nn.Module, Position], nn.Module]
"""Receives each weighted layer of a discriminator once, returns the module to use in its place."""


class Generator(nn.Module, ABC):
    """A network from noise to pictures.

    Attributes:
        latent_size: Length of the noise vector ``z``.
    """

    latent_size: int

    @abstractmethod
    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Generate pictures.

        Args:
            z: Noise, ``(N, latent_size)``.
            labels: Classes, ``(N,)`` int64; an unconditional network ignores them.

        Returns:
            Pictures, ``(N, 3, image_size, image_size)`` in ``[-1, 1]``.
        """


class Discriminator(nn.Module, ABC):
    """A network from pictures to logits (the paper's ``f``, before any sigmoid)."""

    @abstractmethod
    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Judge pictures.

        Args:
            images: Pictures, ``(N, 3, image_size, image_size)`` in ``[-1, 1]``.
            labels: Classes, ``(N,)`` int64; an unconditional network ignores them.

        Returns:
            Logits, ``(N,)``; large means real.
        """


def check_image_size(image_size: int, multiple: int, minimum: int) -> None:
    """Raise unless a network that halves its input a few times can be built for this size.

    Args:
        image_size: Side of the square pictures in pixels.
        multiple: The side must be a multiple of this, 2 to the number of halvings.
        minimum: The smallest side that leaves a feature map to work on.

    Raises:
        ValueError: If the size does not fit.
    """
    if image_size < minimum or image_size % multiple:
        raise ValueError(
            f"image_size must be a multiple of {multiple} and at least {minimum}, got {image_size}"
        )


def scaled(channels: int, width: float) -> int:
    """Return a number of channels multiplied by a width factor, at least 1.

    Raises:
        ValueError: If the factor is not positive.
    """
    if width <= 0:
        raise ValueError(f"width must be > 0, got {width}")
    return max(1, round(channels * width))
