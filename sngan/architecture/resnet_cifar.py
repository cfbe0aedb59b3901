"""The ResNet pair of the paper's Table 4, for CIFAR-10.

Paper: https://arxiv.org/abs/1802.05957. In the authors' code, which has the generator in
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/gen_models/resnet_32.py and the
discriminator in ``dis_models/snresnet_32.py``, the last dense layer has no bias.
"""

from sngan.architecture.parts.resnet import ResNetDiscriminator, ResNetGenerator


class ResNetCifarGenerator(ResNetGenerator):
    """Table 4, left: three up-sampling blocks of the same width."""

    table_channels = (256, 256, 256, 256)


class ResNetCifarDiscriminator(ResNetDiscriminator):
    """Table 4, right: two halving blocks, two blocks, all of the same width."""

    table_channels = (128, 128, 128, 128)
    halvings = 2
    has_bias = False
