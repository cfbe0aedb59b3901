"""The form with fewer operations is the same function, with the same gradients."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from sngan.architecture.parts.resampling import (
    DoublingConvolution,
    HalvingConvolution,
    mean_of_shifts,
)
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.layer_norm import LayerNorm
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.spectral_norm import SpectralNorm


def written_out(layer, x):
    """Double or halve beside the convolution, as the paper's Figure 8 draws it."""
    if isinstance(layer, DoublingConvolution):
        x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    y = functional.conv2d(x, layer.weight, layer.bias, padding=layer.padding)
    return functional.avg_pool2d(y, 2) if isinstance(layer, HalvingConvolution) else y


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("kernel_size", [1, 3])
@pytest.mark.parametrize("kind", [DoublingConvolution, HalvingConvolution])
def test_values_and_gradients_are_those_of_the_two_steps(kind, kernel_size, merged):
    layer = kind(3, 5, kernel_size, padding=kernel_size // 2).double()
    layer.merged = merged
    x = torch.randn(2, 3, 6, 8, dtype=torch.float64, requires_grad=True)
    found, expected = layer(x), written_out(layer, x)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    upstream = torch.randn_like(expected)
    inputs = (x, layer.weight, layer.bias)
    pairs = zip(
        torch.autograd.grad(found, inputs, upstream),
        torch.autograd.grad(expected, inputs, upstream),
        strict=True,
    )
    for actual, wanted in pairs:
        torch.testing.assert_close(actual, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [DoublingConvolution, HalvingConvolution])
def test_second_derivatives_exist_and_agree(kind):
    """A gradient penalty differentiates twice."""
    layer = kind(2, 3, 3, padding=1).double()
    x = torch.randn(2, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    found = []
    for function in (layer, lambda x: written_out(layer, x)):
        (first,) = torch.autograd.grad(function(x).square().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(first.square().sum(), layer.weight)[0])
    torch.testing.assert_close(*found, rtol=1e-10, atol=0)


def test_kernel_is_a_sum_of_shifts():
    kernel = torch.zeros(1, 1, 3, 3)
    kernel[0, 0, 0, 2] = 4
    expected = torch.zeros(1, 1, 4, 4)
    expected[0, 0, 0:2, 2:4] = 1
    assert torch.equal(mean_of_shifts(kernel), expected)


@pytest.mark.parametrize(
    ("kind", "kernel_size", "ratio"),
    [
        (DoublingConvolution, 3, 9 / 4),
        (HalvingConvolution, 3, 9 / 4),
        (DoublingConvolution, 1, 4),
        (HalvingConvolution, 1, 4),
    ],
)
def test_multiplications_are_fewer(kind, kernel_size, ratio):
    layer = kind(4, 4, kernel_size, padding=kernel_size // 2)
    counts = []
    for layer.merged in (False, True):
        with FlopCounterMode(display=False) as counter:
            layer(torch.randn(1, 4, 8, 8))
        counts.append(counter.get_total_flops())
    assert counts[0] / counts[1] == ratio


def forms(network):
    """The outputs' form with fewer operations and the one written out, in that order."""
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d) and hasattr(m, "merged")]
    assert layers
    for merged in (True, False):
        for layer in layers:
            layer.merged = merged
        yield merged


def test_a_generator_is_the_same_function():
    generator = ResNetCifarGenerator(16, width=0.03).double().eval()
    z = torch.randn(3, 128, dtype=torch.float64)
    first, second = (generator(z) for _ in forms(generator))
    torch.testing.assert_close(first, second, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "parts",
    [
        (SpectralNorm,),
        (BatchNorm,),
        (LayerNorm,),
        (BatchNorm, SpectralNorm),
        (SpectralNorm, BatchNorm),
        (BatchNorm, LayerNorm),
    ],
    ids=lambda parts: "+".join(part.__name__ for part in parts),
)
def test_a_discriminator_is_the_same_function_under_any_regularizer(parts):
    """A normalisation of the output comes before the mean over 2x2, which it would change."""
    regularizer = Combined([part() for part in parts])
    discriminator = ResNetCifarDiscriminator(16, regularizer.wrap_layer, width=0.05).double()
    images = torch.randn(4, 3, 16, 16, dtype=torch.float64)
    state = {name: tensor.clone() for name, tensor in discriminator.state_dict().items()}
    found = []
    for _ in forms(discriminator):
        discriminator.load_state_dict(state)
        found.append(discriminator(images).logits)
    torch.testing.assert_close(*found, rtol=0, atol=1e-11)


@pytest.mark.parametrize("part", [BatchNorm, LayerNorm])
def test_the_mean_over_2x2_follows_the_normalisation(part):
    layer = HalvingConvolution(3, 4, 3, padding=1)
    wrapped = part().wrap_layer(layer, "hidden").double()
    nn.init.normal_(wrapped.beta)
    x = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    y = functional.conv2d(x, layer.weight, layer.bias, padding=1)
    if part is BatchNorm:
        variance, mean = torch.var_mean(y, dim=(0, 2, 3), correction=0, keepdim=True)
    else:
        variance, mean = torch.var_mean(y, dim=(1, 2, 3), correction=0, keepdim=True)
    eps = 2e-5 if part is BatchNorm else 1e-5
    expected = (y - mean) / (variance + eps).sqrt() + wrapped.beta.view(-1, 1, 1)
    torch.testing.assert_close(wrapped(x), functional.avg_pool2d(expected, 2))
