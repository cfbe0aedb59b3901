import numpy as np
import pytest
import torch
from torch import nn

from sngan.architecture.base import DiscriminatorOutput
from sngan.regularizer.dragan import Dragan


@pytest.fixture
def real():
    return torch.randn(6, 3, 4, 4, dtype=torch.float64)


def test_closed_form_of_a_linear_discriminator(as_judge, judged, real):
    weight = nn.Parameter(torch.randn(3, 4, 4, dtype=torch.float64))
    linear = as_judge(lambda images: (images * weight).sum(dim=(1, 2, 3)))
    penalty = Dragan(weight=10).penalty(linear, judged(real, real + 9))
    torch.testing.assert_close(penalty, 10 * (weight.norm() - 1) ** 2)
    (gradient,) = torch.autograd.grad(penalty, weight)
    torch.testing.assert_close(gradient, 20 * (weight.norm() - 1) * weight / weight.norm())


def test_against_the_authors_formula_in_numpy(as_judge, judged, real):
    """Of ``f(x) = ||x||^2 / 2``, whose gradient is ``x``, at the same random numbers."""
    torch.manual_seed(5)
    share = torch.rand_like(real).numpy()
    alpha = torch.rand(6, 1, 1, 1, dtype=torch.float64).numpy()
    x = real.numpy()
    perturbed = x + 0.5 * x.std() * share
    between = x + alpha * (perturbed - x)
    slopes = np.sqrt((between**2).sum(axis=(1, 2, 3)))
    torch.manual_seed(5)
    half_square = as_judge(lambda images: images.square().sum(dim=(1, 2, 3)) / 2)
    penalty = Dragan().penalty(half_square, judged(real, real + 9))
    assert penalty.item() == pytest.approx(10 * ((slopes - 1) ** 2).mean(), rel=1e-12)


def test_pictures_are_moved_upwards_by_at_most_half_a_standard_deviation(real):
    moved = (Dragan().near(real) - real) / (0.5 * real.std(correction=0))
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert len(moved.unique()) == moved.numel()  # Each value by something else,
    shares = moved.flatten(1).amax(dim=1)  # and each picture's values by another share.
    assert shares.max() / shares.min() > 1.2
    torch.testing.assert_close(Dragan(noise=0).near(real), real)


def test_only_real_pictures_are_looked_at_with_their_classes(judged, real):
    seen = []

    def judge(images, labels):
        seen.append((images.detach(), labels))
        return DiscriminatorOutput(images.sum(dim=(1, 2, 3)))

    Dragan(noise=0).penalty(judge, judged(real, real + 9, torch.arange(6), torch.arange(6) + 6))
    ((images, labels),) = seen
    assert torch.equal(images, real)
    assert torch.equal(labels, torch.arange(6))


@pytest.mark.parametrize("setting", ["weight", "noise"])
def test_numbers_must_not_be_negative(setting):
    with pytest.raises(ValueError, match=f"{setting} must be a number between 0 and .*, got -1"):
        Dragan(**{setting: -1})
