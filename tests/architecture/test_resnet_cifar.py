import torch
from torch import nn

from sngan.architecture.parts.blocks import DiscriminatorBlock
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
from sngan.regularizer.none import NoRegularizer

WRAP = NoRegularizer().wrap_layer


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_parameter_counts_of_table_4():
    assert parameters(ResNetCifarGenerator(32)) == 4_276_739
    assert parameters(ResNetCifarDiscriminator(32, WRAP)) == 1_053_824


def test_eleven_layers_are_wrapped():
    """Ten convolutions, two of them shortcuts, and the dense layer."""
    positions = []

    def wrap(layer, position):
        positions.append(position)
        return layer

    ResNetCifarDiscriminator(32, wrap)
    assert {name: positions.count(name) for name in set(positions)} == {
        "first": 1,
        "hidden": 7,
        "shortcut": 2,
        "last": 1,
    }


def test_shortcut_sees_the_input_before_relu():
    block = DiscriminatorBlock(4, 4, down=False, wrap_layer=WRAP)
    for parameter in block.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(2, 4, 6, 6)
    torch.testing.assert_close(block(x), x)


def test_glorot_gains():
    generator = ResNetCifarGenerator(32)
    limits = {
        "blocks.0.conv1.weight": (12 / (256 * 9 * 2)) ** 0.5,  # Gain sqrt(2).
        "blocks.0.shortcut.weight": (6 / (256 * 2)) ** 0.5,
        "dense.weight": (6 / (128 + 4096)) ** 0.5,
        "to_rgb.weight": (6 / ((256 + 3) * 9)) ** 0.5,
    }
    for name, limit in limits.items():
        largest = generator.get_parameter(name).abs().max().item()
        assert 0.99 * limit < largest <= limit * (1 + 1e-6), name


def test_pooling_is_a_sum():
    """Twice the area, twice the logit, for a picture of one colour away from the borders."""
    network = ResNetCifarDiscriminator(8, WRAP, channels=[2] * 4)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    network.blocks[0].shortcut.weight.data.fill_(1)
    network.blocks[1].shortcut.weight.data.fill_(1)
    network.head.dense.weight.data.fill_(1)
    small = network(torch.full((1, 3, 8, 8), 0.5)).logits
    large = network(torch.full((1, 3, 8, 16), 0.5)).logits
    torch.testing.assert_close(large, 2 * small)
