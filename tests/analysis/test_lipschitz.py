import pytest
import torch
from torch import nn

from sngan.analysis.frozen import frozen
from sngan.analysis.lipschitz import lower_bounds, upper_bounds
from sngan.analysis.operator_norm import operator_norms
from sngan.analysis.spectrum import spectra
from sngan.architecture.base import Discriminator, DiscriminatorOutput
from sngan.architecture.cnn import CnnDiscriminator
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator
from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.orthonormal import Orthonormal
from sngan.regularizer.spectral_norm import SpectralNorm


def bounds_of(discriminator):
    matrices = {layer.name: layer.in_use[0] for layer in spectra(discriminator)}
    fixed = frozen(discriminator)
    return upper_bounds(fixed, matrices, operator_norms(fixed))


def test_of_an_orthonormal_network():
    """Matrices have norm one each; as operators, 3x3 patches overlap three times a side at most."""
    bounds = bounds_of(CnnDiscriminator(8, Orthonormal().wrap_layer, width=0.2))
    assert bounds["matrices"] == pytest.approx(1, rel=1e-4)
    assert 1 < bounds["operators"] < 3**4 * 2**3


def test_of_an_orthonormal_resnet():
    discriminator = ResNetCifarDiscriminator(32, Orthonormal().wrap_layer, width=0.02)
    # Two halving blocks: (1 + 1) / 2 each; two others: 1 + 1 each; a sum over 8 x 8 places: 8.
    assert bounds_of(discriminator)["matrices"] == pytest.approx(1 * 1 * 2 * 2 * 8, rel=1e-4)


def test_batch_norm_has_none():
    assert bounds_of(CnnDiscriminator(8, BatchNorm().wrap_layer, width=0.2)) == {}


class Kinked(Discriminator):
    """``f(x) = g(x_0)``, steep between 0.5 and 0.6 only, where its slope is 7."""

    image_size = 4

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(1, 1)

    def forward(self, images, labels=None):
        value = images[:, 0, 0, 0]
        return DiscriminatorOutput(value + 6 * value.clamp(0.5, 0.6))


def test_ascent_finds_the_steepest_place_and_no_steeper():
    images = torch.rand(64, 3, 4, 4) * 2 - 1
    found = lower_bounds(Kinked(), images)
    assert found["real"] < 2
    assert 5 < max(found.values()) <= 7 + 1e-9
    assert found["pairs"] >= found["real"]


class Linear(Discriminator):
    """Its constant is the length of its weight."""

    image_size = 4

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(48, 1)

    def forward(self, images, labels=None):
        return DiscriminatorOutput(self.dense(images.flatten(1)).squeeze(1))

    def lipschitz_bound(self, norm):
        return norm(self.dense)


def test_of_a_linear_network_both_bounds_are_its_constant():
    torch.manual_seed(0)
    discriminator = Linear()
    images, fakes = torch.rand(24, 3, 4, 4) * 2 - 1, torch.rand(12, 3, 4, 4) * 2 - 1
    found = lower_bounds(frozen(discriminator), images, fakes=fakes)
    exact = discriminator.dense.weight.norm().item()
    assert bounds_of(discriminator)["operators"] == pytest.approx(exact, rel=1e-6)
    for name in ("pairs", "between", "fakes"):
        assert exact * 0.99 < found[name] <= exact * (1 + 1e-9), name


@pytest.mark.parametrize("kind", [CnnDiscriminator, ResNetCifarDiscriminator])
def test_the_lower_bound_is_below_the_upper(kind):
    discriminator = kind(16, SpectralNorm().wrap_layer, width=0.05)
    found = lower_bounds(frozen(discriminator), torch.rand(8, 3, 16, 16) * 2 - 1)
    assert 0 < max(found.values()) < bounds_of(discriminator)["operators"]


def test_equal_pictures_and_classes():
    images = torch.rand(1, 3, 16, 16).expand(4, 3, 16, 16) * 2 - 1
    discriminator = ResNetCifarDiscriminator(
        16, SpectralNorm().wrap_layer, width=0.02, n_classes=3, conditioning="projection"
    )
    found = lower_bounds(frozen(discriminator), images, torch.tensor([0, 1, 2, 0]))
    assert found["real"] == 0
    assert all(0 <= value < 100 for value in found.values())


def test_halving_counts_once():
    """The blocks' own formula has a factor for pooling, which the layers' norms include."""
    discriminator = ResNetCifarDiscriminator(16, NoRegularizer().wrap_layer, width=0.05)
    norm = operator_norms(frozen(discriminator))
    bound = norm["head.dense"] * 4  # A sum over 4 x 4 places.
    for index, shortcut in enumerate(
        (norm["blocks.0.shortcut"] / 2, norm["blocks.1.shortcut"], 1, 1)
    ):
        bound *= norm[f"blocks.{index}.conv1"] * norm[f"blocks.{index}.conv2"] + shortcut
    assert bounds_of(discriminator)["operators"] == pytest.approx(bound, rel=1e-6)
