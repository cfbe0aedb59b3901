"""What a generator and a discriminator promise to the rest of the package."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from sngan.system.require import SettingError

BATCH_NORM_EPS = 2e-5
"""Added to the variance: Chainer's default, with which the paper's networks were trained."""

Position = Literal["first", "hidden", "shortcut", "last"]
"""Where a layer stands in the discriminator.

``first`` reads the picture, ``last`` makes the logit, ``shortcut`` is the 1x1 convolution beside a
residual block, ``hidden`` is every other one.
"""

WrapLayer = Callable[[nn.Module, Position], nn.Module]
"""Receives each weighted layer of a discriminator once, returns the module to use in its place."""


def keep_layer(layer: nn.Module, _position: Position) -> nn.Module:
    """Return the layer itself: a discriminator without a regularizer."""
    return layer


WeightedLayer = nn.Conv2d | nn.Linear | nn.Embedding


class DiscriminatorOutput(NamedTuple):
    """What a discriminator thinks of some pictures.

    Attributes:
        logits: The paper's ``f``, before any sigmoid, ``(N,)``; large means real.
        class_losses: ``-log p(label | picture)``, ``(N,)``, if there is a classifier.
    """

    logits: Tensor
    class_losses: Tensor | None = None

    def full_precision(self) -> "DiscriminatorOutput":
        """Return the same in float32 at least."""
        losses = self.class_losses
        return DiscriminatorOutput(
            _full_precision(self.logits), None if losses is None else _full_precision(losses)
        )

    def split(self, sizes: Sequence[int]) -> "list[DiscriminatorOutput]":
        """Return what was said of batches of these sizes that passed together."""
        losses = repeat(None) if self.class_losses is None else self.class_losses.split(sizes)
        return [
            DiscriminatorOutput(*parts)
            for parts in zip(self.logits.split(sizes), losses, strict=False)
        ]


Noise = Literal["normal", "uniform"]
"""Distribution of ``z``: ``N(0, I)``, or uniform in ``[-1, 1]``."""

NormOf = Callable[[nn.Module], float]
"""Returns the norm of a layer, wrapped or not, as a linear map."""


class Generator(nn.Module, ABC):
    """A network from noise to pictures.

    Attributes:
        image_size: Side of its pictures in pixels.
        image_channels: 3 for RGB pictures, 1 for grey ones.
        latent_size: Length of the noise vector ``z``.
        noise: Its distribution.
        n_classes: Number of classes; None for an unconditional network.
    """

    image_size: int
    image_channels: int = 3
    latent_size: int
    noise: Noise = "normal"
    n_classes: int | None = None

    @abstractmethod
    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Generate pictures.

        Args:
            z: Noise, ``(N, latent_size)``.
            labels: Classes, ``(N,)`` int64; an unconditional network ignores them.

        Returns:
            Pictures, ``(N, image_channels, image_size, image_size)`` in ``[-1, 1]``.
        """


class Discriminator(nn.Module, ABC):
    """A network from pictures to logits.

    Attributes:
        image_size: Side of the pictures it judges in pixels.
        image_channels: 3 for RGB pictures, 1 for grey ones.
        n_classes: Number of classes; None for an unconditional network.
        has_classifier: Whether it gives class losses, too.
    """

    image_size: int
    image_channels: int = 3
    n_classes: int | None = None
    has_classifier: bool = False

    @abstractmethod
    def forward(self, images: Tensor, labels: Tensor | None = None) -> DiscriminatorOutput:
        """Judge pictures.

        Args:
            images: Pictures, ``(N, image_channels, image_size, image_size)`` in ``[-1, 1]``.
            labels: Classes, ``(N,)`` int64; an unconditional network ignores them.
        """

    def lipschitz_bound(self, norm: NormOf) -> float:
        """Return an upper bound on the Lipschitz constant from pictures to logits.

        Args:
            norm: Bounds each layer as a linear map.

        Returns:
            The bound; infinity, as here, if none is known for this network.
        """
        return math.inf


def weighted_layers(network: nn.Module) -> dict[str, WeightedLayer]:
    """Return the convolutions, dense layers and embeddings of a network, wrapped or not.

    Args:
        network: A discriminator, or any part of one.

    Returns:
        The layers in the order of construction, by name; a wrapped one has its wrapper's name.
    """
    return {
        re.sub(r"(\.layer)+$", "", name): module
        for name, module in network.named_modules()
        if isinstance(module, WeightedLayer)
    }


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
        raise SettingError(
            "image_size",
            f"must be a multiple of {multiple} and at least {minimum} for this architecture, "
            f"got {image_size}",
        )


def scaled(channels: int, width: float) -> int:
    """Return a number of channels multiplied by a width factor, at least 1."""
    return max(1, round(channels * width))


def _full_precision(tensor: Tensor) -> Tensor:
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
