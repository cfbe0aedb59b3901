"""The ResNet pair of the paper's Table 4, for CIFAR-10.

Details the table leaves out follow the authors' sngan_projection, ``gen_models/resnet_32.py`` and
``dis_models/snresnet_32.py``: hidden widths, block order, initialisation, a last dense layer
without bias. The feature map is summed over space, not averaged: under a spectral norm of one an
average would shrink the logits 64 times.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sngan.architecture.base import (
    Discriminator,
    Generator,
    WrapLayer,
    check_image_size,
    scaled,
)
from sngan.architecture.blocks import (
    BATCH_NORM_EPS,
    DiscriminatorBlock,
    FirstDiscriminatorBlock,
    GeneratorBlock,
    convolution,
    glorot,
)


class ResNetCifarGenerator(Generator):
    """Table 4, left: a dense layer, three up-sampling blocks, BN, ReLU, conv 3x3, tanh.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 8.
        latent_size: Length of ``z``.
        channels: Channels of every block, before ``width``.
        width: Factor on the channels.
    """

    def __init__(
        self, image_size: int, latent_size: int = 128, channels: int = 256, width: float = 1.0
    ) -> None:
        super().__init__()
        check_image_size(image_size, multiple=8, minimum=8)
        channels = scaled(channels, width)
        self.latent_size = latent_size
        self.bottom_size = image_size // 8
        self.dense = glorot(nn.Linear(latent_size, channels * self.bottom_size**2))
        self.blocks = nn.Sequential(*[GeneratorBlock(channels, channels) for _ in range(3)])
        self.norm = nn.BatchNorm2d(channels, eps=BATCH_NORM_EPS)
        self.to_rgb = convolution(channels, 3)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """See `Generator.forward`; unconditional."""
        hidden = self.dense(z).unflatten(1, (-1, self.bottom_size, self.bottom_size))
        hidden = functional.relu(self.norm(self.blocks(hidden)))
        return torch.tanh(self.to_rgb(hidden))


class ResNetCifarDiscriminator(Discriminator):
    """Table 4, right: two halving blocks, two blocks, ReLU, sum over space, dense without bias.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 4.
        wrap_layer: Receives each layer; the regularizer's hook.
        channels: Channels of every block, before ``width``.
        width: Factor on the channels.
    """

    def __init__(
        self, image_size: int, wrap_layer: WrapLayer, channels: int = 128, width: float = 1.0
    ) -> None:
        super().__init__()
        check_image_size(image_size, multiple=4, minimum=4)
        channels = scaled(channels, width)
        self.blocks = nn.Sequential(
            FirstDiscriminatorBlock(channels, wrap_layer=wrap_layer),
            DiscriminatorBlock(channels, channels, down=True, wrap_layer=wrap_layer),
            DiscriminatorBlock(channels, channels, down=False, wrap_layer=wrap_layer),
            DiscriminatorBlock(channels, channels, down=False, wrap_layer=wrap_layer),
        )
        self.dense = wrap_layer(glorot(nn.Linear(channels, 1, bias=False)), "last")

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """See `Discriminator.forward`; unconditional."""
        hidden = functional.relu(self.blocks(images)).sum(dim=(2, 3))
        return self.dense(hidden).squeeze(1)
