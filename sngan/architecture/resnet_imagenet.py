"""The ResNet pair of the paper's Table 6, for ImageNet at 128 pixels.

Reference: the authors' sngan_projection, ``gen_models/resnet.py``, ``dis_models/snresnet.py`` and
``snresnet_concat.py``.
"""

from sngan.architecture.parts.resnet import ResNetDiscriminator, ResNetGenerator


class ResNetImageNetGenerator(ResNetGenerator):
    """Table 6, left: five up-sampling blocks."""

    table_size = 128
    table_channels = (1024, 1024, 512, 256, 128, 64)


class ResNetImageNetDiscriminator(ResNetDiscriminator):
    """Table 6, right: five halving blocks and one more; ``concat`` reads labels after the third."""

    table_size = 128
    table_channels = (64, 128, 256, 512, 1024, 1024)
    halvings = 5
    has_bias = True
    concat_after = 3
