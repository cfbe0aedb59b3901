import pytest
import torch
from torch import nn

from sngan.analysis.spectrum import (
    Spectrum,
    largest_singular_value,
    layer_weights,
    spectra,
)
from sngan.architecture.cnn import CnnDiscriminator
from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.frobenius_norm import FrobeniusNorm
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.regularizer.weight_norm import WeightNorm


def build(regularizer, width=0.2):
    return CnnDiscriminator(8, regularizer.wrap_layer, width=width)


def test_values_of_known_matrices():
    discriminator = build(NoRegularizer())
    weight = torch.zeros(1, discriminator.dense.in_features)
    weight[0, :2] = torch.tensor([3.0, 4.0])
    discriminator.dense.weight.data.copy_(weight)
    *_, dense = spectra(discriminator)
    assert dense.name == "dense"
    assert dense.raw == dense.in_use == pytest.approx([5.0])


def test_counts_are_those_of_figure_3():
    """27, 64, 128, 128, 256, 256, 512 values: the widths of Table 3."""
    shapes = [layer.raw.shape for layer in layer_weights(build(NoRegularizer(), width=1))]
    assert [min(shape) for shape in shapes] == [27, 64, 128, 128, 256, 256, 512, 1]


def test_weight_in_use_is_the_normalised_one():
    discriminator = build(WeightNorm())
    for layer in layer_weights(discriminator):
        lengths = layer.in_use.norm(dim=1)
        torch.testing.assert_close(lengths, torch.ones_like(lengths))
        assert not torch.allclose(layer.raw, layer.in_use)
        assert layer.estimate is None  # One per row is not an estimate of sigma.


def test_names_do_not_show_wrappers():
    plain = [layer.name for layer in layer_weights(build(NoRegularizer()))]
    for regularizer in (SpectralNorm(), Combined([BatchNorm(), SpectralNorm()])):
        assert [layer.name for layer in layer_weights(build(regularizer))] == plain


def test_stable_rank():
    values = [2.0, 2.0, 1.0]
    assert Spectrum("x", (3, 3), values, values).stable_rank == pytest.approx(9 / 4)


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (1, 7)])
def test_the_cheap_way_to_the_largest_value(shape):
    matrix = torch.randn(shape)
    expected = torch.linalg.svdvals(matrix.double())[0].item()
    assert largest_singular_value(matrix) == pytest.approx(expected, rel=1e-12)


def test_zero_and_infinite_weights():
    discriminator = build(NoRegularizer())
    nn.init.zeros_(discriminator.dense.weight)
    *_, dense = spectra(discriminator)
    assert (dense.stable_rank, dense.shares) == (0, [0])
    discriminator.convolutions[3].weight.data[0, 0, 0, 0] = float("nan")
    with pytest.raises(FloatingPointError, match=r"the weight of convolutions\.3 is not finite"):
        spectra(discriminator)


def test_only_spectral_norm_estimates_sigma():
    for regularizer, expected in ((SpectralNorm(), True), (FrobeniusNorm(), False)):
        *_, dense = layer_weights(build(regularizer))
        assert (dense.estimate is not None) == expected
