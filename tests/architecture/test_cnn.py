import pytest
import torch
from torch import nn

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.regularizer.none import NoRegularizer

WRAP = NoRegularizer().wrap_layer


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(
    ("size", "generator", "discriminator"), [(32, 3_812_355, 2_935_873), (48, 5_133_315, 2_946_113)]
)
def test_parameter_counts_of_table_3(size, generator, discriminator):
    assert parameters(CnnGenerator(size)) == generator
    assert parameters(CnnDiscriminator(size, WRAP)) == discriminator


def test_widths_of_the_official_code():
    """chainer-gan-lib's discriminator is wider than Table 3."""
    channels = (64, 128, 128, 256, 256, 512, 512)
    assert parameters(CnnDiscriminator(32, WRAP, channels=channels)) == 5_860_865


def test_layers_come_in_order_with_their_positions():
    seen = []

    def wrap(layer, position):
        seen.append((type(layer).__name__, layer.weight.shape[0], position))
        return layer

    CnnDiscriminator(32, wrap)
    convolutions = [("Conv2d", n, "hidden") for n in (64, 64, 128, 128, 256, 256, 512)]
    convolutions[0] = ("Conv2d", 64, "first")
    assert seen == [*convolutions, ("Linear", 1, "last")]


@pytest.mark.parametrize("network", [CnnDiscriminator(32, WRAP), CnnGenerator(32)])
def test_initialisation(network):
    layers = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    weights = torch.cat([m.weight.flatten() for m in network.modules() if isinstance(m, layers)])
    assert weights.std().item() == pytest.approx(0.02, rel=0.01)
    assert all(p.eq(0).all() for name, p in network.named_parameters() if name.endswith("bias"))


def test_slope():
    """On negative pictures, with identity weights, the logit is a power of the slope."""
    network = CnnDiscriminator(8, WRAP, channels=(1, 1, 1), slope=0.1)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    for layer in network.convolutions:
        layer.weight.data[:, :, 1, 1] = 1
    network.dense.weight.data[0, 0] = 1
    logit = network(torch.full((1, 3, 8, 8), -1.0)).logits
    assert logit.item() == pytest.approx(-3 * 0.1**3)


def test_generator_is_table_3_layer_by_layer():
    """The same function, written out: dense, three times deconvolution, BN, ReLU; conv, tanh."""
    network = CnnGenerator(16, width=0.02)
    z = torch.randn(4, 128)
    x = network.dense(z).view(4, -1, 2, 2)
    for block in network.up:
        deconvolution = block[0]
        assert (deconvolution.kernel_size, deconvolution.stride) == ((4, 4), (2, 2))
        x = deconvolution(x)
        variance, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0, keepdim=True)
        x = ((x - mean) / (variance + 2e-5).sqrt()).clamp(min=0)
    assert network.to_rgb.kernel_size == (3, 3)
    torch.testing.assert_close(network(z), network.to_rgb(x).tanh())


def test_generator_of_the_official_code():
    """Batch norm and ReLU after the dense layer, a deconvolution at the end, uniform noise."""
    network = CnnGenerator(
        16, width=0.02, dense_norm=True, last_layer="deconvolution", noise="uniform"
    )
    assert network.noise == "uniform"
    assert isinstance(network.to_rgb, nn.ConvTranspose2d)
    assert (network.to_rgb.kernel_size, network.to_rgb.stride) == ((3, 3), (1, 1))
    z = torch.randn(4, 128)
    x = network.dense(z)
    variance, mean = torch.var_mean(x, dim=0, correction=0)
    x = ((x - mean) / (variance + 2e-5).sqrt()).clamp(min=0).view(4, -1, 2, 2)
    torch.testing.assert_close(network(z), network.to_rgb(network.up(x)).tanh())


def test_last_width_widens_the_last_convolution_on_both_sides():
    """Figure 4: inputs and outputs of the seventh convolution."""
    network = CnnDiscriminator(48, WRAP, last_width=2)
    widths = [layer.out_channels for layer in network.convolutions]
    assert widths == [64, 64, 128, 128, 256, 512, 1024]
    assert network.dense.in_features == 1024 * 36


def test_other_initialisation():
    network = CnnDiscriminator(32, WRAP, init_std=None)
    limit = (6 / ((64 + 3) * 9)) ** 0.5
    largest = network.convolutions[0].weight.abs().max().item()
    assert 0.99 * limit < largest <= limit


@pytest.mark.parametrize("choice", [{"noise": "cauchy"}, {"last_layer": "dense"}])
def test_unknown_choices(choice):
    with pytest.raises(ValueError, match=f"must be one of .*got {next(iter(choice.values()))}"):
        CnnGenerator(32, **choice)
