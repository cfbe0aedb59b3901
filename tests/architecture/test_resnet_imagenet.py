import pytest
from torch import nn

from sngan.architecture.parts.heads import LabelConcatenation
from sngan.architecture.resnet_imagenet import ResNetImageNetDiscriminator, ResNetImageNetGenerator


def wrap(layer, position):
    return layer


def block_channels(network):
    return [
        (b.conv1.in_channels, b.conv2.out_channels) for b in network.blocks if hasattr(b, "conv1")
    ]


def test_blocks_are_those_of_table_6():
    generator = ResNetImageNetGenerator(128)
    assert generator.bottom_size == 4
    up = [(1024, 1024), (1024, 512), (512, 256), (256, 128), (128, 64)]
    assert block_channels(generator) == up
    discriminator = ResNetImageNetDiscriminator(128, wrap)
    down = [(3, 64), (64, 128), (128, 256), (256, 512), (512, 1024), (1024, 1024)]
    assert block_channels(discriminator) == down
    assert [block.down for block in discriminator.blocks[1:]] == [True] * 4 + [False]
    assert isinstance(discriminator.blocks[-1].shortcut, nn.Identity)
    assert discriminator.area == 16
    assert discriminator.head.dense.bias is not None


def test_concatenation_follows_the_third_block():
    discriminator = ResNetImageNetDiscriminator(128, wrap, conditioning="concat", n_classes=10)
    kinds = [isinstance(block, LabelConcatenation) for block in discriminator.blocks]
    assert kinds == [False, False, False, True, False, False, False]
    assert discriminator.blocks[3].embedding.weight.shape == (10, 128)
    assert block_channels(discriminator)[3] == (256 + 128, 512)


@pytest.mark.parametrize("n_classes", [None, 10])
def test_last_batch_norm_is_unconditional(n_classes):
    generator = ResNetImageNetGenerator(32, n_classes=n_classes, width=0.05)
    assert type(generator.norm) is nn.BatchNorm2d
