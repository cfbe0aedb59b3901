import pytest
import torch
from torch import nn

from sngan.architecture.base import Discriminator, DiscriminatorOutput
from sngan.regularizer.gradient_penalty import GradientPenalty


class Linear(Discriminator):
    """``f(x) = <w, x>``; its gradient is ``w`` everywhere."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.seen = []

    def forward(self, images, labels=None):
        self.seen.append((images.detach(), labels))
        return DiscriminatorOutput((images * self.weight).sum(dim=(1, 2, 3)))

    def lipschitz_bound(self, norm):
        return self.weight.norm().item()


def test_closed_form_of_a_linear_discriminator(judged):
    weight = torch.randn(3, 4, 4, dtype=torch.float64)
    discriminator = Linear(weight)
    real, fake = torch.randn(2, 5, 3, 4, 4, dtype=torch.float64)
    penalty = GradientPenalty(weight=10).penalty(discriminator, judged(real, fake))
    torch.testing.assert_close(penalty, 10 * (weight.norm() - 1) ** 2)
    (gradient,) = torch.autograd.grad(penalty, discriminator.weight)
    torch.testing.assert_close(gradient, 20 * (weight.norm() - 1) * weight / weight.norm())


def test_pictures_are_mixed_with_one_share_each(judged):
    discriminator = Linear(torch.ones(3, 4, 4))
    labels = torch.arange(6)
    pictures = judged(torch.ones(6, 3, 4, 4), torch.zeros(6, 3, 4, 4), labels)
    GradientPenalty().penalty(discriminator, pictures)
    ((mixed, seen_labels),) = discriminator.seen
    shares = mixed[:, 0, 0, 0]
    assert torch.equal(mixed, shares.view(-1, 1, 1, 1).expand_as(mixed))
    assert len(shares.unique()) == 6
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert torch.equal(seen_labels, labels)


def test_lengths_are_per_picture(judged):
    """A quadratic's gradient is ``2 x``: one long and one short picture do not cancel."""

    class Quadratic(Linear):
        def forward(self, images, labels=None):
            return DiscriminatorOutput((self.weight * images).square().sum(dim=(1, 2, 3)))

    real = torch.stack([torch.full((3, 1, 1), 0.0), torch.full((3, 1, 1), 1.0)])
    discriminator = Quadratic(torch.ones(3, 1, 1))
    penalty = GradientPenalty(weight=1).penalty(discriminator, judged(real, real))
    assert penalty.item() == pytest.approx(((0 - 1) ** 2 + (12**0.5 - 1) ** 2) / 2)


def test_nothing_but_the_loss_is_touched(cnn, images, judged):
    regularizer = GradientPenalty()
    discriminator = cnn(regularizer)
    before = {name: tensor.clone() for name, tensor in discriminator.state_dict().items()}
    regularizer.penalty(discriminator, judged(images, images))
    regularizer.after_step(discriminator)
    assert all(torch.equal(before[name], now) for name, now in discriminator.state_dict().items())
    assert all(parameter.grad is None for parameter in discriminator.parameters())
