"""Gradients with respect to pictures, and every penalty that is made of them."""

import pytest
import torch

from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.dragan import Dragan
from sngan.regularizer.frobenius_norm import FrobeniusNorm
from sngan.regularizer.gradient_penalty import GradientPenalty
from sngan.regularizer.layer_norm import LayerNorm
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.parts.input_gradient import input_gradient, lengths, squared_lengths
from sngan.regularizer.r1 import R1
from sngan.regularizer.r2 import R2
from sngan.regularizer.spectral_norm import SpectralNorm, SpectralNormLayer
from sngan.regularizer.weight_norm import WeightNorm

PENALTIES = {
    "gradient_penalty": GradientPenalty(),
    "r1": R1(),
    "r2": R2(),
    "dragan": Dragan(),
}
OTHERS = {
    "none": NoRegularizer(),
    "spectral_norm": SpectralNorm(),
    "spectral_norm_gamma": SpectralNorm(gamma=True),
    "weight_norm_gamma": WeightNorm(gamma=True),
    "frobenius_norm_gamma": FrobeniusNorm(gamma=True),
    "batch_norm": BatchNorm(),
    "layer_norm": LayerNorm(),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("penalized", PENALTIES)
def test_gradient_against_finite_differences(penalized, name, resnet, images, judged):
    """Through the double backward of every normalisation, for every parameter at once."""
    regularizer = Combined([OTHERS[name], PENALTIES[penalized]])
    discriminator = resnet(regularizer).double()
    converge(discriminator)
    state = {key: value.clone() for key, value in discriminator.state_dict().items()}
    real, fake = images.double(), images.flip(0).double()

    def penalty():
        for key, buffer in discriminator.named_buffers():
            buffer.copy_(state[key])
        torch.manual_seed(0)
        return regularizer.penalty(discriminator, judged(real, fake))

    parameters = [p for key, p in discriminator.named_parameters() if not key.endswith("bias")]
    gradients = torch.autograd.grad(penalty(), parameters, allow_unused=True)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        direction = torch.randn_like(parameter)
        values = []
        for step in (1e-6, -1e-6):
            before = parameter.data.clone()
            parameter.data.add_(step * direction)
            values.append(penalty().item())
            parameter.data.copy_(before)
        slope = (values[0] - values[1]) / 2e-6
        expected = 0.0 if gradient is None else (gradient * direction).sum().item()
        assert slope == pytest.approx(expected, rel=1e-4, abs=1e-6)


def converge(discriminator):
    """Power iteration to the end: only there is sigma's derivative that of u and v held fixed."""
    for module in discriminator.modules():
        if isinstance(module, SpectralNormLayer):
            module.u.copy_(torch.linalg.svd(module.matrix())[0][:, 0])


def test_it_is_the_slope_of_the_logit_in_every_value(resnet, images):
    """Against finite differences, a picture's every value in turn."""
    discriminator = resnet(NoRegularizer()).double().requires_grad_(False)
    images = images.double()
    steps = 1e-6 * torch.eye(images[0].numel(), dtype=torch.float64).view(-1, *images.shape[1:])
    found = input_gradient(discriminator, images, None)
    for image, gradient in zip(images, found, strict=True):
        up, down = (discriminator(image + step).logits for step in (steps, -steps))
        expected = ((up - down) / 2e-6).view_as(image)
        torch.testing.assert_close(gradient, expected, rtol=1e-6, atol=1e-8)


def test_pictures_stay_as_they_were(as_judge):
    """A later penalty takes them as they are: none may collect a gradient."""
    images = torch.rand(2, 3, 2, 2)
    square = as_judge(lambda pictures: pictures.square().sum(dim=(1, 2, 3)))
    torch.testing.assert_close(input_gradient(square, images, None), 2 * images)
    assert not images.requires_grad


def test_lengths_are_euclidean_and_have_a_derivative_at_zero():
    gradients = torch.zeros(2, 1, 1, 2, requires_grad=True)
    with torch.no_grad():
        gradients[0] = torch.tensor([3.0, 4.0])
    assert lengths(gradients).tolist() == [5, 0]
    assert squared_lengths(gradients).tolist() == [25, 0]
    (slope,) = torch.autograd.grad(squared_lengths(gradients).sum(), gradients)
    assert slope.flatten().tolist() == [6, 8, 0, 0]
