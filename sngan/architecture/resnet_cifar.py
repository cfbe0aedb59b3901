"""The ResNet pair of the paper's Table 4, for CIFAR-10.

Reference: the authors' sngan_projection, ``gen_models/resnet_32.py`` and
``dis_models/snresnet_32.py``; the last dense layer has no bias there.
"""

from sngan.architecture.base import WrapLayer
from sngan.architecture.heads import Conditioning
from sngan.architecture.resnet import Pooling, ResNetDiscriminator, ResNetGenerator


class ResNetCifarGenerator(ResNetGenerator):
    """Table 4, left: three up-sampling blocks of the same width.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 8.
        latent_size: Length of ``z``.
        channels: Channels of every block, before ``width``.
        n_classes: See `ResNetGenerator`.
        width: Factor on the channels.
    """

    def __init__(
        self,
        image_size: int,
        latent_size: int = 128,
        channels: int = 256,
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(image_size, [channels] * 4, latent_size, n_classes, width)


class ResNetCifarDiscriminator(ResNetDiscriminator):
    """Table 4, right: two halving blocks, two blocks, all of the same width.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 4.
        wrap_layer: Receives each layer; the regularizer's hook.
        channels: Channels of every block, before ``width``.
        pooling: See `ResNetDiscriminator`.
        conditioning: See `ResNetDiscriminator`; not ``concat``.
        n_classes: See `ResNetDiscriminator`.
        width: Factor on the channels.
    """

    def __init__(
        self,
        image_size: int,
        wrap_layer: WrapLayer,
        channels: int = 128,
        pooling: Pooling = "sum",
        conditioning: Conditioning = "none",
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(
            image_size,
            wrap_layer,
            channels=[channels] * 4,
            halvings=2,
            bias=False,
            pooling=pooling,
            conditioning=conditioning,
            n_classes=n_classes,
            width=width,
        )
