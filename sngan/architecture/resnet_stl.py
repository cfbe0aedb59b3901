"""The ResNet pair of the paper's Table 5, for STL-10 at 48 pixels.

Paper: https://arxiv.org/abs/1802.05957. No code of the authors for it is public. What the table
leaves out follows Table 4's code, also that the last dense layer has no bias.
"""

from sngan.architecture.parts.resnet import ResNetDiscriminator, ResNetGenerator


class ResNetStlGenerator(ResNetGenerator):
    """Table 5, left: three up-sampling blocks, each half as wide as the one before."""

    table_size = 48
    table_channels = (512, 256, 128, 64)


class ResNetStlDiscriminator(ResNetDiscriminator):
    """Table 5, right: four halving blocks and one more, each twice as wide as the one before."""

    table_size = 48
    table_channels = (64, 128, 256, 512, 1024)
    halvings = 4
    has_bias = False
