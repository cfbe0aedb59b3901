import pytest
import torch
from torch import nn

from sngan.architecture.base import weighted_layers
from sngan.regularizer.orthonormal import Orthonormal
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.spectral_norm import SpectralNorm


def test_every_layer_starts_orthonormal_and_unpenalised(cnn, images, judged):
    regularizer = Orthonormal()
    discriminator = cnn(regularizer)
    layers = weighted_layers(discriminator)
    assert len(layers) == 8
    for name, layer in layers.items():
        values = torch.linalg.svdvals(layer.weight.flatten(1))
        torch.testing.assert_close(values, torch.ones_like(values), msg=name)
        assert layer.bias.eq(0).all()
    assert regularizer.penalty(discriminator, judged(images, images)).item() < 1e-8


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (4, 4)])
def test_penalty_is_eq_14_but_for_a_constant(shape, judged):
    """``||W^T W - I||_F^2`` with the same gradient; its minimum, ``n - m`` for m < n, taken off."""
    network = nn.Sequential(nn.Linear(shape[1], shape[0])).double()
    penalty = Orthonormal(weight=2).penalty(network, judged(torch.zeros(1), torch.zeros(1)))
    (gradient,) = torch.autograd.grad(penalty, network[0].weight)
    weight = network[0].weight
    eq_14 = (weight.T @ weight - torch.eye(shape[1])).square().sum()
    (expected,) = torch.autograd.grad(2 * eq_14, weight)
    torch.testing.assert_close(gradient, expected)
    constant = max(0, shape[1] - shape[0])
    torch.testing.assert_close(penalty, 2 * (eq_14 - constant))


def test_convolutions_are_matrices_of_output_by_the_rest(judged):
    network = nn.Sequential(nn.Conv2d(2, 3, 3))
    matrix = network[0].weight.flatten(1)
    expected = (matrix @ matrix.T - torch.eye(3)).square().sum()
    penalty = Orthonormal(weight=1).penalty(network, judged(torch.zeros(1), torch.zeros(1)))
    torch.testing.assert_close(penalty, expected)


def test_initialises_layers_that_are_wrapped_already(cnn):
    discriminator = cnn(Combined([SpectralNorm(), Orthonormal()]))
    for layer in weighted_layers(discriminator).values():
        values = torch.linalg.svdvals(layer.weight.flatten(1))
        torch.testing.assert_close(values, torch.ones_like(values))


@pytest.mark.parametrize("order", [1, -1])
def test_learned_factors_start_as_the_norms_of_the_orthonormal_weights(order, cnn):
    parts = [SpectralNorm(gamma=True), Orthonormal()][::order]
    discriminator = cnn(Combined(parts))
    for name, parameter in discriminator.named_parameters():
        if name.endswith("gamma"):
            assert parameter.item() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("weight", [-1, "x"])
def test_weight_must_not_be_negative(weight):
    with pytest.raises(
        ValueError, match=f"weight must be a number between 0 and 1000000000.0, got {weight}"
    ):
        Orthonormal(weight)
