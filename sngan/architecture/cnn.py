"""The standard CNN pair of the paper's Table 3, for pictures of 32 or 48 pixels.

Widths and slope follow the table; what the table leaves out (padding, initialisation, batch norm
constants) follows the authors' code. That code differs from the table in the discriminator's widths
and slope, in the batch norm and ReLU after the generator's dense layer, and in the generator's last
layer; here the table wins.

Paper: https://arxiv.org/abs/1802.05957, Table 3. Authors' code:
https://github.com/pfnet-research/chainer-gan-lib/blob/cf9efba/common/net.py
"""

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sngan.architecture.base import (
    BATCH_NORM_EPS,
    Discriminator,
    DiscriminatorOutput,
    Generator,
    Noise,
    NormOf,
    WrapLayer,
    check_image_size,
    keep_layer,
    scaled,
)
from sngan.system.declared import (
    Channels,
    ImageChannels,
    Layers,
    Pixels,
    Share,
    Small,
    Width,
    checked,
)

INIT_STD = 0.02  # Of the authors' code; the paper does not say.
LAST_LAYERS = {"convolution": nn.Conv2d, "deconvolution": nn.ConvTranspose2d}


class CnnGenerator(Generator):
    """Table 3, left: a dense layer, three 4x4 deconvolutions, one 3x3 convolution, tanh.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 8; ``M_g`` is an eighth of it.
        latent_size: Length of ``z``.
        channels: Channels after the dense layer and after each deconvolution, before ``width``.
        width: Factor on all channel counts.
        noise: Distribution of ``z``; chainer-gan-lib's is ``uniform``.
        dense_norm: Whether batch norm and ReLU follow the dense layer, as in chainer-gan-lib.
        last_layer: ``convolution``, or ``deconvolution`` as in chainer-gan-lib.
        init_std: Standard deviation of the initial weights; None for Glorot-uniform ones.
        image_channels: 3 for RGB pictures, 1 for grey ones.

    Raises:
        ValueError: If a size does not fit, or a choice is unknown.
    """

    @checked
    def __init__(
        self,
        image_size: Pixels = 32,
        latent_size: Channels = 128,
        channels: Layers = (512, 256, 128, 64),
        width: Width = 1.0,
        noise: Noise = "normal",
        dense_norm: bool = False,
        last_layer: Literal["convolution", "deconvolution"] = "convolution",
        init_std: Small | None = INIT_STD,
        image_channels: ImageChannels = 3,
    ) -> None:
        super().__init__()
        check_image_size(image_size, multiple=2 ** (len(channels) - 1), minimum=8)
        self.image_size = image_size
        self.image_channels = image_channels
        self.latent_size = latent_size
        self.noise = noise
        self.bottom_size = image_size // 2 ** (len(channels) - 1)
        widths = [scaled(count, width) for count in channels]
        units = widths[0] * self.bottom_size**2

        # The table has nothing between the dense layer and the first deconvolution.
        self.dense = nn.Linear(latent_size, units)
        self.after_dense: nn.Module = nn.Identity()
        if dense_norm:
            self.after_dense = nn.Sequential(nn.BatchNorm1d(units, eps=BATCH_NORM_EPS), nn.ReLU())

        # G has batch norm whatever tames D: the paper compares discriminators.
        self.up = nn.Sequential(*[_up(*pair) for pair in pairwise(widths)])
        self.to_rgb = LAST_LAYERS[last_layer](widths[-1], image_channels, kernel_size=3, padding=1)
        self.apply(lambda module: _initialize(module, init_std))

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """See `Generator.forward`; unconditional."""
        # (N, latent_size) to (N, C * b * b) to (N, C, b, b); three deconvolutions make it 8 b.
        hidden = self.after_dense(self.dense(z)).unflatten(
            1, (-1, self.bottom_size, self.bottom_size)
        )
        return torch.tanh(self.to_rgb(self.up(hidden)))


class CnnDiscriminator(Discriminator):
    """Table 3, right: seven convolutions with leaky ReLU, 3x3 and strided 4x4 in turn, then dense.

    Args:
        image_size: Side of the pictures in pixels (the table's ``M``), a multiple of 8.
        wrap_layer: Receives each layer; the regularizer's hook.
        channels: Outputs of the convolutions, before ``width``; every second one has stride 2.
        slope: Negative slope of the leaky ReLU, in [0, 1].
        width: Factor on all channel counts.
        last_width: Further factor on inputs and outputs of the last convolution (Figure 4).
        init_std: Standard deviation of the initial weights; None for Glorot-uniform ones.
        image_channels: 3 for RGB pictures, 1 for grey ones.

    Raises:
        ValueError: If a size does not fit, or a number is not accepted.
    """

    @checked
    def __init__(
        self,
        image_size: Pixels = 32,
        wrap_layer: WrapLayer = keep_layer,
        channels: Layers = (64, 64, 128, 128, 256, 256, 512),
        slope: Share = 0.1,
        width: Width = 1.0,
        last_width: Width = 1.0,
        init_std: Small | None = INIT_STD,
        image_channels: ImageChannels = 3,
    ) -> None:
        super().__init__()
        halvings = len(channels) // 2
        check_image_size(image_size, multiple=2**halvings, minimum=2**halvings)
        self.image_size = image_size
        self.image_channels = image_channels
        self.slope = slope

        # Figure 4 widens the last convolution, and with it what it reads.
        widths = [image_channels, *(scaled(count, width) for count in channels[:-2])]
        widths += [scaled(count, width * last_width) for count in channels[-2:]]
        layers = [_convolution(index, *pair) for index, pair in enumerate(pairwise(widths))]
        dense = nn.Linear(widths[-1] * (image_size // 2**halvings) ** 2, 1)

        # Initialised first, wrapped after: a normalisation may start from the weight, and an
        # orthonormal start replaces it. D itself never learns which method it is under.
        for layer in (*layers, dense):
            _initialize(layer, init_std)
        self.convolutions = nn.ModuleList(
            wrap_layer(layer, "hidden" if index else "first") for index, layer in enumerate(layers)
        )
        self.dense = wrap_layer(dense, "last")

    def forward(self, images: Tensor, labels: Tensor | None = None) -> DiscriminatorOutput:
        """See `Discriminator.forward`; unconditional."""
        hidden = images  # (N, image_channels, M, M); three of the convolutions halve M.
        for convolution in self.convolutions:
            # In place: nobody reads the convolution's own output again.
            hidden = functional.leaky_relu(convolution(hidden), self.slope, inplace=True)
        # (N, C, M/8, M/8) to (N, C * M/8 * M/8) to (N, 1) to (N,). No sigmoid: losses take logits.
        return DiscriminatorOutput(self.dense(hidden.flatten(1)).squeeze(1))

    def lipschitz_bound(self, norm: NormOf) -> float:
        """See `Discriminator.lipschitz_bound`."""
        # Eq. 7: a product over the layers. A leaky ReLU has 1, or its slope if that is more.
        layers = [*self.convolutions, self.dense]
        return math.prod(map(norm, layers)) * max(1, self.slope) ** len(self.convolutions)


def _up(inputs: int, outputs: int) -> nn.Module:
    # Kernel 4, stride 2, padding 1: the sides double, and every output has four inputs.
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, kernel_size=4, stride=2, padding=1),
        nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPS),
        nn.ReLU(inplace=True),
    )


def _convolution(index: int, inputs: int, outputs: int) -> nn.Conv2d:
    # In turn: one that looks at a scale, one that halves to the next.
    if index % 2:
        return nn.Conv2d(inputs, outputs, kernel_size=4, stride=2, padding=1)
    return nn.Conv2d(inputs, outputs, kernel_size=3, padding=1)


def _initialize(module: nn.Module, std: float | None) -> None:
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        if std is None:
            nn.init.xavier_uniform_(module.weight)
        else:
            nn.init.normal_(module.weight, std=std)
        assert module.bias is not None
        nn.init.zeros_(module.bias)
