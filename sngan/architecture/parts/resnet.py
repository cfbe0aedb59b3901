"""What the residual pairs of the paper share; each table's numbers are in a file of its own.

Details the tables leave out follow the authors' code: hidden widths, block order, initialisation.

Paper: https://arxiv.org/abs/1802.05957, Tables 4 to 6. Authors' code, of the discriminator:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/dis_models/snresnet_32.py
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sngan.architecture.base import (
    BATCH_NORM_EPS,
    Discriminator,
    DiscriminatorOutput,
    Generator,
    NormOf,
    WrapLayer,
    check_image_size,
    keep_layer,
    scaled,
)
from sngan.architecture.parts.blocks import (
    DiscriminatorBlock,
    FirstDiscriminatorBlock,
    GeneratorBlock,
    Upsampling,
    convolution,
    glorot,
)
from sngan.architecture.parts.heads import (
    ClassifierHead,
    Conditioning,
    Head,
    LabelConcatenation,
    ProjectionHead,
)
from sngan.system.declared import Channels, Classes, ImageChannels, Layers, Pixels, Width, checked
from sngan.system.require import SettingError, require_one_of

Pooling = Literal["sum", "mean"]
CONCAT_CHANNELS = 128  # Length of the embedding that is concatenated, before the width.


class ResNetGenerator(Generator):
    """A dense layer, up-sampling blocks, BN, ReLU, conv 3x3, tanh.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 2 to the number of blocks; None
            for that of the table.
        channels: Channels after the dense layer and after each block, before ``width``; None for
            those of the table.
        latent_size: Length of ``z``.
        n_classes: Number of classes; the blocks' batch norms then are categorical. None for an
            unconditional network.
        width: Factor on the channels.
        image_channels: 3 for RGB pictures, 1 for grey ones.
        upsampling: How blocks double the sides: ``nearest``, or ``bilinear`` as in torch-mimicry.

    Attributes:
        table_size: The side of the table's pictures.
        table_channels: The channels of the table.
    """

    table_size: ClassVar[int] = 32
    table_channels: ClassVar[Sequence[int]]

    @checked
    def __init__(
        self,
        image_size: Pixels | None = None,
        channels: Layers | None = None,
        latent_size: Channels = 128,
        n_classes: Classes | None = None,
        width: Width = 1.0,
        image_channels: ImageChannels = 3,
        upsampling: Upsampling = "nearest",
    ) -> None:
        super().__init__()
        image_size = self.table_size if image_size is None else image_size
        # Every block doubles the sides; the dense layer makes what the first one starts from.
        channels = self.table_channels if channels is None else channels
        scale = 2 ** (len(channels) - 1)
        check_image_size(image_size, multiple=scale, minimum=scale)
        self.image_size = image_size
        self.image_channels = image_channels
        self.latent_size = latent_size
        self.n_classes = n_classes
        self.bottom_size = image_size // scale
        widths = [scaled(count, width) for count in channels]
        # Glorot with gain 1 outside of the blocks. The last batch norm is never categorical.
        self.dense = glorot(nn.Linear(latent_size, widths[0] * self.bottom_size**2))
        self.blocks = nn.ModuleList(
            GeneratorBlock(*pair, n_classes, upsampling) for pair in pairwise(widths)
        )
        self.norm = nn.BatchNorm2d(widths[-1], eps=BATCH_NORM_EPS)
        self.to_rgb = convolution(widths[-1], image_channels)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """See `Generator.forward`."""
        # (N, latent_size) to (N, C * b * b) to (N, C, b, b); each block doubles b.
        hidden = self.dense(z).unflatten(1, (-1, self.bottom_size, self.bottom_size))
        for block in self.blocks:
            hidden = block(hidden, labels)
        return torch.tanh(self.to_rgb(functional.relu(self.norm(hidden), inplace=True)))


class ResNetDiscriminator(Discriminator):
    """Blocks, ReLU, a sum or mean over space, and a head.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 2 to the number of halvings; None
            for that of the table.
        wrap_layer: Receives each layer; the regularizer's hook.
        channels: Channels after each block, before ``width``; None for those of the table.
        pooling: ``sum`` as in the authors' code, or ``mean``. Under a spectral norm of one a mean
            shrinks the logits by the number of places. None for that of the table.
        conditioning: How labels enter.
        n_classes: Number of classes; None for ``conditioning`` ``none``.
        width: Factor on the channels.
        image_channels: 3 for RGB pictures, 1 for grey ones.

    Attributes:
        table_size: The side of the table's pictures.
        table_channels: The channels of the table.
        table_pooling: Its pooling.
        halvings: How many of the blocks, from the first, halve the sides.
        has_bias: Whether the last dense layer has a bias.
        concat_after: Blocks in front of the label's embedding; None if ``concat`` is not offered.

    Raises:
        ValueError: If a size does not fit, or a choice is unknown or does not fit the others.
    """

    table_size: ClassVar[int] = 32
    table_channels: ClassVar[Sequence[int]]
    table_pooling: ClassVar[Pooling] = "sum"
    halvings: ClassVar[int]
    has_bias: ClassVar[bool]
    concat_after: ClassVar[int | None] = None

    @checked
    def __init__(
        self,
        image_size: Pixels | None = None,
        wrap_layer: WrapLayer = keep_layer,
        channels: Layers | None = None,
        pooling: Pooling | None = None,
        conditioning: Conditioning = "none",
        n_classes: Classes | None = None,
        width: Width = 1.0,
        image_channels: ImageChannels = 3,
    ) -> None:
        super().__init__()
        image_size = self.table_size if image_size is None else image_size
        channels = self.table_channels if channels is None else channels
        self.pooling = self.table_pooling if pooling is None else pooling
        check_image_size(image_size, multiple=2**self.halvings, minimum=2**self.halvings)
        self._check(channels, conditioning, n_classes)
        self.image_size = image_size
        self.image_channels = image_channels
        self.n_classes = n_classes
        self.has_classifier = conditioning == "classifier"
        # Places that are pooled; the Lipschitz bound needs their number.
        self.area = (image_size // 2**self.halvings) ** 2
        widths = [scaled(count, width) for count in channels]

        # The first blocks halve; `concat` puts the label between two of them.
        first = FirstDiscriminatorBlock(widths[0], image_channels, wrap_layer=wrap_layer)
        self.blocks = nn.ModuleList([first])
        for index, (inputs, outputs) in enumerate(pairwise(widths), start=1):
            if conditioning == "concat" and index == self.concat_after:
                assert n_classes is not None
                embedded = scaled(CONCAT_CHANNELS, width)
                self.blocks.append(LabelConcatenation(n_classes, embedded, wrap_layer=wrap_layer))
                inputs += embedded  # The next block reads it, too.
            down = index < self.halvings
            self.blocks.append(
                DiscriminatorBlock(inputs, outputs, down=down, wrap_layer=wrap_layer)
            )
        self.head = _head(conditioning, widths[-1], n_classes, self.has_bias, wrap_layer)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> DiscriminatorOutput:
        """See `Discriminator.forward`."""
        # Labels go to every block; only one that appends an embedding reads them.
        hidden = images
        for block in self.blocks:
            hidden = block(hidden, labels)

        # Blocks end without a ReLU. A sum, not a mean: under sigma = 1 a mean over the 8x8 places
        # of CIFAR-10 would leave logits 64 times smaller, and none would reach the hinge's margin.
        hidden = functional.relu(hidden)
        pooled = hidden.sum(dim=(2, 3)) if self.pooling == "sum" else hidden.mean(dim=(2, 3))
        return self.head(pooled, labels)  # (N, C) to (N,)

    def lipschitz_bound(self, norm: NormOf) -> float:
        """See `Discriminator.lipschitz_bound`; a sum over n places has the norm sqrt(n)."""
        pooling = math.sqrt(self.area) if self.pooling == "sum" else 1 / math.sqrt(self.area)
        return math.prod(part.lipschitz_bound(norm) for part in (*self.blocks, self.head)) * pooling

    def _check(
        self, channels: Sequence[int], conditioning: Conditioning, n_classes: int | None
    ) -> None:
        shortest = max(self.halvings, (self.concat_after or 0) + 1)
        if len(channels) < shortest:
            raise SettingError(
                "channels", f"must name at least {shortest} blocks, got {list(channels)}"
            )
        accepted = ["none", "projection", "classifier", *(["concat"] if self.concat_after else [])]
        require_one_of("conditioning", conditioning, accepted)
        if (conditioning == "none") != (n_classes is None):
            raise SettingError(
                "conditioning",
                "and n_classes go together: a kind and a number, or none and null; "
                f"got {conditioning} and {n_classes}",
            )


def _head(
    conditioning: Conditioning,
    features: int,
    n_classes: int | None,
    bias: bool,
    wrap_layer: WrapLayer,
) -> Head:
    if conditioning == "projection" and n_classes is not None:
        return ProjectionHead(features, n_classes, bias=bias, wrap_layer=wrap_layer)
    if conditioning == "classifier" and n_classes is not None:
        return ClassifierHead(features, n_classes, bias=bias, wrap_layer=wrap_layer)
    return Head(features, bias=bias, wrap_layer=wrap_layer)
