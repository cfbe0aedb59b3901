import copy

import numpy as np
import pytest
import torch
from torch import nn

from sngan.architecture.base import Discriminator, DiscriminatorOutput
from sngan.loss.standard import StandardLoss
from sngan.monitor.validation_loss import ValidationLoss
from sngan.preprocessing.symmetric import Symmetric
from sngan.regularizer.gradient_normalization import GradientNormalization
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.spectral_norm import SpectralNorm, SpectralNormLayer
from sngan.step.batches import Batches


class Bent(Discriminator):
    """``f(x) = v . |W x| + c``, and class losses."""

    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(torch.randn(5, 12, dtype=torch.float64))
        self.last = nn.Parameter(torch.randn(5, dtype=torch.float64))
        self.bias = nn.Parameter(torch.ones((), dtype=torch.float64))

    def forward(self, images, labels=None):
        logits = (images.flatten(1) @ self.first.T).abs() @ self.last + self.bias
        return DiscriminatorOutput(logits, images.flatten(1)[:, 0])


@pytest.fixture
def bent():
    discriminator = Bent()
    GradientNormalization().prepare(discriminator)
    return discriminator


@pytest.fixture
def pictures():
    return torch.randn(6, 3, 2, 2, dtype=torch.float64)


def test_against_a_computation_by_hand_in_numpy(bent, pictures):
    first, last = bent.first.detach().numpy(), bent.last.detach().numpy()
    x = pictures.flatten(1).numpy()
    hidden = x @ first.T
    logits = np.abs(hidden) @ last + 1
    norms = np.linalg.norm((last * np.sign(hidden)) @ first, axis=1)
    output = bent(pictures)
    expected = torch.from_numpy(logits / (norms + np.abs(logits)))
    torch.testing.assert_close(output.logits.detach(), expected)
    assert torch.equal(output.class_losses, pictures.flatten(1)[:, 0])


def test_its_gradient_has_the_length_of_the_paper_and_is_at_most_one(bent, pictures):
    """Where f is linear in pieces: ``(||grad f|| / (||grad f|| + |f|))^2``."""
    plain = Bent()
    plain.load_state_dict(bent.state_dict())
    lengths = []
    for discriminator in (plain, bent):
        images = pictures.clone().requires_grad_()
        logits = discriminator(images).logits
        (gradient,) = torch.autograd.grad(logits.sum(), images)
        lengths.append((gradient.flatten(1).norm(dim=1), logits.detach().abs()))
    (norm, size), (normalized, _) = lengths
    torch.testing.assert_close(normalized, (norm / (norm + size)) ** 2)
    assert normalized.max() <= 1
    assert norm.max() > 1


def test_both_updates_differentiate_the_normalisation_too(resnet, images):
    """Against finite differences, for D's parameters and for the pictures that G makes."""
    regularizer = GradientNormalization()
    discriminator = resnet(regularizer).double()
    regularizer.prepare(discriminator)
    images = images.double().requires_grad_()
    parameters = [p for name, p in discriminator.named_parameters() if "bias" not in name]
    loss = StandardLoss()
    value = loss.generator(discriminator(images))
    for tensor, gradient in zip(
        [images, *parameters], torch.autograd.grad(value, [images, *parameters]), strict=True
    ):
        direction = torch.randn_like(tensor)
        values = []
        for step in (1e-6, -2e-6, 1e-6):
            tensor.data.add_(step * direction)
            values.append(loss.generator(discriminator(images)).item())
        slope = (values[0] - values[1]) / 2e-6
        assert slope == pytest.approx((gradient * direction).sum().item(), rel=1e-4, abs=1e-8)


def test_frozen_parameters_leave_the_gradient_of_g(bent, pictures):
    bent.requires_grad_(False)
    source = pictures.clone().requires_grad_()
    bent(source * 2).logits.sum().backward()  # Not a leaf, as what G makes.
    assert source.grad.abs().sum() > 0


def test_without_a_gradient_it_says_the_same_and_keeps_no_graph(bent, pictures):
    expected = bent(pictures).logits
    with torch.no_grad():
        found = bent(pictures).logits
    assert torch.equal(found, expected)
    assert expected.requires_grad
    assert not found.requires_grad
    assert not pictures.requires_grad


def test_monitors_without_gradients_can_look(small_iteration, shapes):
    iteration = small_iteration(GradientNormalization(), StandardLoss())
    values = ValidationLoss(num_batches=1)(
        iteration, lambda split: Batches(shapes, Symmetric(), 4, torch.device("cpu"))
    )
    assert values["loss/discriminator/train"] == values["loss/discriminator/test"]


def test_prepared_twice_is_normalised_once(bent, pictures):
    expected = bent(pictures).logits
    GradientNormalization().prepare(bent)
    assert torch.equal(bent(pictures).logits, expected)


def test_weights_have_their_names_and_a_copy_is_a_network_of_its_own(resnet, images):
    regularizer = GradientNormalization()
    discriminator = resnet(regularizer)
    names = list(discriminator.state_dict())
    regularizer.prepare(discriminator)
    assert list(discriminator.state_dict()) == names
    assert names == list(resnet(NoRegularizer()).state_dict())
    before = discriminator(images).logits
    other = copy.deepcopy(discriminator)
    with torch.no_grad():
        for parameter in discriminator.parameters():
            parameter.zero_().add_(0.01)
    assert torch.equal(other(images).logits, before)


def test_a_power_iteration_advances_once_per_pass(resnet, images):
    """The gradient is that of the pass itself; D is not run again."""
    regularizer = Combined([SpectralNorm(), GradientNormalization()])
    discriminator = resnet(regularizer)
    plain = copy.deepcopy(discriminator)
    regularizer.prepare(discriminator)
    SpectralNorm().prepare(plain)
    discriminator(images), plain(images)
    pairs = zip(discriminator.modules(), plain.modules(), strict=True)
    us = [(a.u, b.u) for a, b in pairs if isinstance(a, SpectralNormLayer)]
    assert len(us) == 11
    assert all(torch.equal(*pair) for pair in us)


def test_lower_precision_is_for_the_network_only(resnet, images):
    regularizer = GradientNormalization()
    discriminator = resnet(regularizer)
    regularizer.prepare(discriminator)
    exact = discriminator(images).logits
    with torch.autocast("cpu", torch.bfloat16):
        found = discriminator(images.bfloat16()).logits
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, exact, rtol=0.1, atol=0.01)
