"""The ResNet pair of the paper's Table 6, for ImageNet at 128 pixels.

Paper: https://arxiv.org/abs/1802.05957. Authors' code, beside ``gen_models/resnet.py``:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/dis_models/snresnet.py
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
