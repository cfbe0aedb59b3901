import numpy as np
import pytest
import torch
from torch import nn

from sngan.analysis.frozen import frozen
from sngan.analysis.operator_norm import operator_norm, operator_norms
from sngan.architecture.cnn import CnnDiscriminator
from sngan.architecture.parts.resampling import HalvingConvolution
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator
from sngan.regularizer.spectral_norm import SpectralNorm


def dense(layer, shape):
    """A layer as a matrix, column by column."""
    size = int(np.prod(shape))
    basis = torch.eye(size, dtype=torch.float64).view(size, *shape)
    with torch.no_grad():
        return (layer(basis) - layer(torch.zeros(1, *shape).double())).flatten(1).T


LAYERS = {
    "same": nn.Conv2d(2, 3, 3, padding=1),
    "strided": nn.Conv2d(3, 4, 4, stride=2, padding=1),
    "no padding": nn.Conv2d(2, 2, 3),
    "one by one": nn.Conv2d(4, 3, 1),
    "grouped": nn.Conv2d(4, 4, 3, padding=1, groups=2),
    "halving": HalvingConvolution(2, 3, 3, padding=1),
    "halving one by one": HalvingConvolution(2, 3, 1),
    "to one": nn.Conv2d(2, 1, 6),
}


@pytest.mark.parametrize("name", LAYERS)
def test_equals_the_norm_of_the_dense_matrix(name):
    layer = LAYERS[name].double()
    shape = torch.Size((layer.in_channels, 6, 6))
    expected = torch.linalg.matrix_norm(dense(layer, shape), 2).item()
    assert operator_norm(layer, shape) == pytest.approx(expected, rel=1e-7)


def test_merged_halving_changes_nothing():
    layer = HalvingConvolution(2, 3, 3, padding=1).double()
    shape = torch.Size((2, 8, 8))
    merged = operator_norm(layer, shape)
    layer.merged = False
    assert operator_norm(layer, shape) == pytest.approx(merged, rel=1e-7)
    layer.halves = False
    assert operator_norm(layer, shape) > merged


def test_circular_convolutions_have_a_closed_form():
    """Each frequency has a matrix of its own (Sedghi et al., 2019)."""
    layer = nn.Conv2d(3, 4, 3, padding=1, padding_mode="circular", bias=False).double()
    transfer = np.fft.fft2(layer.weight.detach().numpy(), (8, 8), axes=(2, 3))
    expected = np.linalg.svd(transfer.transpose(2, 3, 0, 1), compute_uv=False).max()
    assert operator_norm(layer, torch.Size((3, 8, 8))) == pytest.approx(expected, rel=1e-7)


def test_dense_layers_and_embeddings():
    layer, embedding = nn.Linear(4, 3).double(), nn.Embedding(5, 3).double()
    expected = torch.linalg.svdvals(layer.weight)[0].item()
    assert operator_norm(layer, torch.Size((4,))) == pytest.approx(expected)
    lengths = embedding.weight.norm(dim=1)
    assert operator_norm(embedding, torch.Size(())) == pytest.approx(lengths.max().item())


@pytest.mark.parametrize("kind", [CnnDiscriminator, ResNetCifarDiscriminator])
def test_every_layer_at_its_own_size(kind):
    discriminator = kind(16, SpectralNorm().wrap_layer, width=0.02)
    fixed = frozen(discriminator)
    norms = operator_norms(fixed)
    seen = {}
    layers = {
        name: module for name, module in fixed.named_modules() if isinstance(module, nn.Conv2d)
    }
    for name, layer in layers.items():
        layer.register_forward_hook(lambda m, x, y, name=name: seen.update({name: x[0].shape[1:]}))
    fixed(torch.zeros(1, 3, 16, 16).double())
    for name, layer in layers.items():
        expected = torch.linalg.matrix_norm(dense(layer, seen[name]), 2).item()
        assert norms[name] == pytest.approx(expected, rel=1e-7)


def test_the_frozen_network_is_the_next_pass_and_stays():
    discriminator = CnnDiscriminator(8, SpectralNorm().wrap_layer, width=0.1).eval()
    regularizer = SpectralNorm()
    regularizer.prepare(discriminator)
    images = torch.randn(5, 3, 8, 8)
    fixed = frozen(discriminator)
    first, again = fixed(images.double()).logits, fixed(images.double()).logits
    assert torch.equal(first, again)
    with torch.no_grad():
        now = discriminator(images).logits.double()
    torch.testing.assert_close(first, now, rtol=1e-3, atol=1e-5)
    assert not any(parameter.requires_grad for parameter in fixed.parameters())
