import torch
from torch import nn

from sngan.architecture.resnet_wgan_gp import ResNetWganGpDiscriminator, ResNetWganGpGenerator


def wrap(layer, position):
    return layer


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_both_networks_are_128_wide_and_the_last_layer_has_a_bias():
    generator = ResNetWganGpGenerator(32)
    assert {m.out_channels for m in generator.modules() if isinstance(m, nn.Conv2d)} == {128, 3}
    # The discriminator of Table 4 has 1,053,824 parameters, without the bias.
    assert parameters(ResNetWganGpDiscriminator(32, wrap)) == 1_053_824 + 1


def test_half_as_wide_again():
    discriminator = ResNetWganGpDiscriminator(32, wrap, channels=[192] * 4)
    widths = {m.out_channels for m in discriminator.modules() if isinstance(m, nn.Conv2d)}
    assert widths == {192}


def test_pooling_is_a_mean():
    """The area does not matter for a picture of one colour away from the borders."""
    network = ResNetWganGpDiscriminator(8, wrap, channels=[2] * 4)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    for layer in (network.blocks[0].shortcut, network.blocks[1].shortcut, network.head.dense):
        nn.init.ones_(layer.weight)
    small = network(torch.full((1, 3, 8, 8), 0.5)).logits
    assert small.item() == 3 * 0.5 * 2 * 2
    torch.testing.assert_close(network(torch.full((1, 3, 8, 16), 0.5)).logits, small)
