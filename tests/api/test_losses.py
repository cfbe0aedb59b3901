"""The losses as functions of logits, in closed form, and the penalty for anybody's network."""

import math

import pytest
import torch
from torch import nn

from sngan.api import losses
from sngan.architecture.base import DiscriminatorOutput
from sngan.architecture.cnn import CnnDiscriminator
from sngan.regularizer.gradient_penalty import GradientPenalty

REAL = torch.tensor([[2.0], [0.5]])
FAKE = torch.tensor([[-3.0], [0.0]])


def softplus(x):
    return math.log1p(math.exp(x))


@pytest.mark.parametrize(
    ("name", "discriminator", "generator"),
    [
        ("hinge", (0 + 0.5) / 2 + (0 + 1) / 2, 1.5),
        (
            "standard",
            (softplus(-2) + softplus(-0.5) + softplus(-3) + softplus(0)) / 2,
            (softplus(3) + softplus(0)) / 2,
        ),
        ("wasserstein", -1.5 - 1.25, 1.5),
    ],
)
def test_both_sides_are_the_paper_s(name, discriminator, generator):
    of_d = getattr(losses, f"{name}_discriminator_loss")(REAL, FAKE)
    of_g = getattr(losses, f"{name}_generator_loss")(FAKE)
    assert of_d.shape == of_g.shape == ()
    assert float(of_d) == pytest.approx(discriminator)
    assert float(of_g) == pytest.approx(generator)


@pytest.mark.parametrize("shape", [(5, 3), (5, 1, 28, 28), (5, 3, 2, 4, 4)])
@pytest.mark.parametrize("width", [1, 7])
def test_the_penalty_of_a_linear_critic_is_that_of_its_slope(shape, width):
    slope = torch.randn(shape[1:])

    def critic(samples):
        assert samples.shape == shape
        logits = (samples * slope).flatten(1).sum(dim=1, keepdim=True)
        return logits.expand(-1, width) / width

    real, fake = torch.randn(shape), torch.randn(shape)
    expected = 3 * (slope.norm() - 1) ** 2
    torch.testing.assert_close(losses.gradient_penalty(critic, real, fake, weight=3), expected)


def test_the_penalty_is_the_member_s_between_the_same_pictures():
    discriminator = CnnDiscriminator(16, width=0.05)
    real, fake = torch.rand(2, 4, 3, 16, 16)
    torch.manual_seed(1)
    ours = losses.gradient_penalty(discriminator, real, fake)
    torch.manual_seed(1)
    theirs = GradientPenalty().between(discriminator, real, fake, None)
    torch.testing.assert_close(ours, theirs)


def test_samples_are_mixed_one_by_one_and_get_no_gradient():
    seen = []

    def critic(samples):
        seen.append(samples.detach())
        return (samples**2).sum(dim=1)

    real, fake = torch.ones(6, 2, requires_grad=True), torch.zeros(6, 2, requires_grad=True)
    weight = nn.Parameter(torch.ones(()))
    penalty = losses.gradient_penalty(lambda x: weight * critic(x), real, fake)
    penalty.backward()
    assert weight.grad is not None
    assert real.grad is None
    assert fake.grad is None
    (mixed,) = seen
    assert torch.equal(mixed[:, 0], mixed[:, 1])
    assert len(mixed[:, 0].unique()) == 6
    assert 0 <= mixed.min() <= mixed.max() <= 1


def test_labels_and_verdicts_pass_through():
    labels = torch.arange(4)

    def critic(samples, given):
        assert given is labels
        return DiscriminatorOutput(2 * samples.sum(dim=1))

    samples = torch.randn(2, 4, 1)
    penalty = losses.gradient_penalty(critic, *samples, labels=labels)
    assert float(penalty) == pytest.approx(10)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"one shape, got \(2, 3\) and \(2, 4\)"):
        losses.gradient_penalty(torch.sum, torch.ones(2, 3), torch.ones(2, 4))
    with pytest.raises(ValueError, match="weight must be a number between 0 and"):
        losses.gradient_penalty(torch.sum, torch.ones(2, 3), torch.ones(2, 3), weight=-1)
