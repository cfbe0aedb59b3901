"""The ResNet pair of Gulrajani et al., 2017, behind the paper's Tables 7 and 8.

Reference: improved_wgan_training, ``gan_cifar_resnet.py``. It differs from the paper's Table 4 in
the generator's width, in the mean over space and in the bias of the last dense layer.
"""

from sngan.architecture.base import WrapLayer
from sngan.architecture.heads import Conditioning
from sngan.architecture.resnet import Pooling, ResNetDiscriminator, ResNetGenerator


class ResNetWganGpGenerator(ResNetGenerator):
    """Three up-sampling blocks of the same width.

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
        channels: int = 128,
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(image_size, [channels] * 4, latent_size, n_classes, width)


class ResNetWganGpDiscriminator(ResNetDiscriminator):
    """Two halving blocks, two blocks, all of the same width.

    Args:
        image_size: Side of the pictures in pixels, a multiple of 4.
        wrap_layer: Receives each layer; the regularizer's hook.
        channels: Channels of every block, before ``width``; the 1.5x rows of Tables 7 and 8 have
            192.
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
        pooling: Pooling = "mean",
        conditioning: Conditioning = "none",
        n_classes: int | None = None,
        width: float = 1.0,
    ) -> None:
        super().__init__(
            image_size,
            wrap_layer,
            channels=[channels] * 4,
            halvings=2,
            bias=True,
            pooling=pooling,
            conditioning=conditioning,
            n_classes=n_classes,
            width=width,
        )
