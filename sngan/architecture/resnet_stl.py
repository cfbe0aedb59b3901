"""The ResNet pair of the paper's Table 5, for STL-10 at 48 pixels.

No code of the authors for it is public. What the table leaves out follows Table 4's code, except
that nothing says the last dense layer is without bias there; it is here, as in Table 4.
"""

from collections.abc import Sequence

from sngan.architecture.base import WrapLayer
from sngan.architecture.heads import Conditioning
from sngan.architecture.resnet import Pooling, ResNetDiscriminator, ResNetGenerator


class ResNetStlGenerator(ResNetGenerator):
    """Table 5, left: three up-sampling blocks, each half as wide as the one before.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 8.
        latent_size: Length of ``z``.
        channels: Channels after the dense layer and after each block, before ``width``.
        n_classes: See `ResNetGenerator`.
        width: Factor on the channels.
    """

    def __init__(
        self,
        image_size: int,
        latent_size: int = 128,
        channels: Sequence[int] = (512, 256, 128, 64),
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(image_size, channels, latent_size, n_classes, width)


class ResNetStlDiscriminator(ResNetDiscriminator):
    """Table 5, right: four halving blocks and one more, each twice as wide as the one before.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 16.
        wrap_layer: Receives each layer; the regularizer's hook.
        channels: Channels after each block, before ``width``.
        pooling: See `ResNetDiscriminator`.
        conditioning: See `ResNetDiscriminator`; not ``concat``.
        n_classes: See `ResNetDiscriminator`.
        width: Factor on the channels.
    """

    def __init__(
        self,
        image_size: int,
        wrap_layer: WrapLayer,
        channels: Sequence[int] = (64, 128, 256, 512, 1024),
        pooling: Pooling = "sum",
        conditioning: Conditioning = "none",
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(
            image_size,
            wrap_layer,
            channels=channels,
            halvings=4,
            bias=False,
            pooling=pooling,
            conditioning=conditioning,
            n_classes=n_classes,
            width=width,
        )
