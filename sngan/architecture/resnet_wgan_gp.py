"""The ResNet pair of Gulrajani et al., 2017, behind the paper's Tables 7 and 8.

It differs from Table 4 in the generator's width, in the mean over space and in the bias of the last
dense layer. The discriminators of the 1.5x rows are 192 wide.

Paper: https://arxiv.org/abs/1802.05957, Appendix E. Code of Gulrajani et al.:
https://github.com/igul222/improved_wgan_training/blob/fa66c57/gan_cifar_resnet.py
"""

from sngan.architecture.parts.resnet import ResNetDiscriminator, ResNetGenerator


class ResNetWganGpGenerator(ResNetGenerator):
    """Three up-sampling blocks of the same width."""

    table_channels = (128, 128, 128, 128)


class ResNetWganGpDiscriminator(ResNetDiscriminator):
    """Two halving blocks, two blocks, all of the same width."""

    table_channels = (128, 128, 128, 128)
    table_pooling = "mean"
    halvings = 2
    has_bias = True
