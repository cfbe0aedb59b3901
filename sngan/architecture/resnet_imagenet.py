"""The ResNet pair of the paper's Table 6, for ImageNet at 128 pixels.

Reference: the authors' sngan_projection, ``gen_models/resnet.py``, ``dis_models/snresnet.py`` and
``snresnet_concat.py``.
"""

from collections.abc import Sequence

from sngan.architecture.base import WrapLayer
from sngan.architecture.heads import Conditioning
from sngan.architecture.resnet import Pooling, ResNetDiscriminator, ResNetGenerator


class ResNetImageNetGenerator(ResNetGenerator):
    """Table 6, left: five up-sampling blocks.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 32.
        latent_size: Length of ``z``.
        channels: Channels after the dense layer and after each block, before ``width``.
        n_classes: See `ResNetGenerator`.
        width: Factor on the channels.
    """

    def __init__(
        self,
        image_size: int,
        latent_size: int = 128,
        channels: Sequence[int] = (1024, 1024, 512, 256, 128, 64),
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(image_size, channels, latent_size, n_classes, width)


class ResNetImageNetDiscriminator(ResNetDiscriminator):
    """Table 6, right: five halving blocks and one more; ``concat`` embeds labels after the third.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 32.
        wrap_layer: Receives each layer; the regularizer's hook.
        channels: Channels after each block, before ``width``.
        pooling: See `ResNetDiscriminator`.
        conditioning: See `ResNetDiscriminator`.
        n_classes: See `ResNetDiscriminator`.
        width: Factor on the channels.
    """

    def __init__(
        self,
        image_size: int,
        wrap_layer: WrapLayer,
        channels: Sequence[int] = (64, 128, 256, 512, 1024, 1024),
        pooling: Pooling = "sum",
        conditioning: Conditioning = "none",
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(
            image_size,
            wrap_layer,
            channels=channels,
            halvings=5,
            bias=True,
            pooling=pooling,
            conditioning=conditioning,
            n_classes=n_classes,
            width=width,
            concat_after=3,
        )
