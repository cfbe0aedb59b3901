"""Spectral norm of the convolution: a dense matrix says what sigma and its gradient are."""

import math

import pytest
import torch
from torch import nn

from sngan.analysis.frozen import frozen
from sngan.analysis.operator_norm import operator_norm
from sngan.architecture.base import weighted_layers
from sngan.architecture.cnn import CnnDiscriminator
from sngan.architecture.parts.resampling import HalvingConvolution
from sngan.architecture.parts.shapes import input_shapes
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator
from sngan.regularizer.parts.convolution_iteration import (
    Convolution,
    convolution_iteration,
    sigma_of,
)
from sngan.regularizer.spectral_norm import SpectralNorm, SpectralNormLayer

LAYERS = {
    "same": lambda: nn.Conv2d(2, 3, 3, padding=1),
    "strided": lambda: nn.Conv2d(3, 4, 4, stride=2, padding=1),
    "odd rest": lambda: nn.Conv2d(2, 2, 3, stride=2),
    "dilated": lambda: nn.Conv2d(2, 3, 3, dilation=2),
    "grouped": lambda: nn.Conv2d(4, 6, 3, padding=1, groups=2),
    "one output": lambda: nn.Conv2d(2, 1, 6),
}
SIDE = 6


def dense(layer, weight):
    """The map without its bias as a matrix, column by column, by PyTorch's own layer."""
    basis = torch.eye(layer.in_channels * SIDE**2, dtype=torch.float64)
    return layer._conv_forward(basis.view(-1, layer.in_channels, SIDE, SIDE), weight, None).flatten(
        1
    )


def following(layer, rounds=1):
    wrapped = SpectralNormLayer(layer, rounds).double()
    wrapped.follow_convolution(torch.Size((layer.in_channels, SIDE, SIDE)))
    return wrapped


@pytest.mark.parametrize("name", LAYERS)
def test_after_many_rounds_the_dense_matrix_has_norm_one(name):
    layer = following(LAYERS[name](), 1000)
    for _ in range(3):
        weight = layer.normalized_weight()
    largest = torch.linalg.svdvals(dense(layer.layer, weight))[0]
    assert largest.item() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("name", LAYERS)
def test_the_gradient_of_sigma_is_that_of_the_largest_singular_value(name):
    layer = LAYERS[name]().double()
    kernel = layer.weight
    convolution = Convolution.of(layer, torch.Size((layer.in_channels, SIDE, SIDE)))
    start = convolution.apply(kernel.detach(), torch.randn(convolution.shape).double())
    pair = convolution_iteration(convolution, kernel, start, 3000)
    (found,) = torch.autograd.grad(sigma_of(convolution, kernel, pair), kernel)
    (expected,) = torch.autograd.grad(torch.linalg.svdvals(dense(layer, kernel))[0], kernel)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_far_from_convergence_u_and_v_are_constants(name):
    """By autograd through the convolution, and by finite differences."""
    layer = LAYERS[name]().double()
    kernel = layer.weight
    convolution = Convolution.of(layer, torch.Size((layer.in_channels, SIDE, SIDE)))
    start = convolution.apply(kernel.detach(), torch.randn(convolution.shape).double())
    pair = convolution_iteration(convolution, kernel, start, 1)
    assert torch.equal(sigma_of(convolution, kernel, pair), pair.sigma)
    upstream = torch.randn_like(kernel)

    def loss(weight, sigma):
        return (weight / sigma * upstream).sum()

    def product(weight):
        return (pair.u * convolution.apply(weight, pair.v)).sum()

    (found,) = torch.autograd.grad(loss(kernel, sigma_of(convolution, kernel, pair)), kernel)
    (expected,) = torch.autograd.grad(loss(kernel, product(kernel)), kernel)
    torch.testing.assert_close(found, expected)
    step = 1e-6 * torch.randn_like(kernel)
    up, down = (loss(w, product(w)) for w in (kernel + step, kernel - step))
    assert (found * step).sum().item() == pytest.approx((up - down).item() / 2, rel=1e-5)


def build(kind, side=8, **settings):
    regularizer = SpectralNorm(operator="convolution", **settings)
    discriminator = kind(side, regularizer.wrap_layer, width=0.06)
    regularizer.prepare(discriminator)
    return discriminator


@pytest.mark.parametrize("kind", [CnnDiscriminator, ResNetCifarDiscriminator])
def test_every_convolution_of_a_network_gets_the_norm_one(kind):
    """Of blocks that halve, the convolution's own, without what pools behind it."""
    discriminator = build(kind, power_iterations=300).double()
    for _ in range(3):
        fixed = frozen(discriminator)
    shapes = input_shapes(fixed)
    for name, layer in weighted_layers(fixed).items():
        if isinstance(layer, HalvingConvolution):
            layer.halves = False
        assert operator_norm(layer, shapes[name]) == pytest.approx(1, rel=1e-4)


def test_u_is_one_output_and_only_where_the_matrix_is_not_the_map():
    discriminator = build(ResNetCifarDiscriminator)
    shapes = {name: tuple(b.shape) for name, b in discriminator.named_buffers()}
    wide = round(128 * 0.06)
    assert shapes["blocks.0.conv1.u"] == shapes["blocks.0.conv2.u"] == (1, wide, 8, 8)
    assert shapes["blocks.1.conv2.u"] == (1, wide, 4, 4)
    assert shapes["blocks.0.shortcut.u"] == (wide,)
    assert shapes["head.dense.u"] == (1,)


def test_looking_for_sizes_moves_and_draws_nothing():
    discriminator = CnnDiscriminator(8, SpectralNorm().wrap_layer, width=0.06, image_channels=1)
    before = {name: value.clone() for name, value in discriminator.state_dict().items()}
    random = torch.get_rng_state()
    shapes = input_shapes(discriminator)
    assert shapes["convolutions.0"] == (1, 8, 8)
    assert shapes["convolutions.6"][1:] == (1, 1)
    assert torch.equal(torch.get_rng_state(), random)
    torch.testing.assert_close(discriminator.state_dict(), before, rtol=0, atol=0)


def test_preparing_again_keeps_u():
    regularizer = SpectralNorm(operator="convolution")
    discriminator = CnnDiscriminator(8, regularizer.wrap_layer, width=0.06)
    regularizer.prepare(discriminator)
    before = discriminator.convolutions[0].u
    regularizer.prepare(discriminator)
    assert discriminator.convolutions[0].u is before


@pytest.mark.parametrize("training", [True, False])
def test_u_moves_in_train_mode_only_and_in_place(training):
    layer = following(LAYERS["strided"]()).train(training)
    place, before = layer.u, layer.u.clone()
    layer.normalized_weight()
    assert layer.u is place
    assert torch.equal(layer.u, before) != training


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sigma_is_float32_under_autocast(dtype):
    layer = SpectralNormLayer(nn.Conv2d(8, 8, 3, padding=1))
    layer.follow_convolution(torch.Size((8, 6, 6)))
    start = layer.u.clone()
    expected = layer.normalized_weight()
    layer.u.copy_(start)
    with torch.autocast("cpu", dtype):
        found = layer.normalized_weight()
    assert found.dtype == layer.u.dtype == torch.float32
    assert torch.equal(found, expected)


def test_double_backward_as_for_a_gradient_penalty():
    layer = following(LAYERS["same"]())
    x = torch.randn(4, 2, SIDE, SIDE, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    gradient.square().sum().backward()
    assert layer.layer.weight.grad.isfinite().all()


def test_what_does_not_go_with_it_is_named():
    with pytest.raises(ValueError, match="gamma must be false with operator=convolution, got true"):
        SpectralNorm(operator="convolution", gamma=True)
    with pytest.raises(ValueError, match="operator must be one of matrix, convolution, got conv"):
        SpectralNorm(operator="conv")
    wrap = SpectralNorm(operator="convolution").wrap_layer
    for layer in (
        nn.Conv2d(2, 2, 3, padding="same"),
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"),
    ):
        with pytest.raises(ValueError, match="operator must be matrix for a convolution that is"):
            wrap(layer, "hidden")


def test_the_matrix_of_a_1x1_convolution_is_its_map():
    """So it needs no size, and a network of such stays as with ``operator=matrix``."""
    kernel = torch.randn(3, 2, 1, 1).double()
    layer = nn.Conv2d(2, 3, 1).double()
    norms = [torch.linalg.svdvals(m)[0] for m in (dense(layer, kernel), kernel.flatten(1))]
    assert math.isclose(*norms, rel_tol=1e-12)
