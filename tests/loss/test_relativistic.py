import pytest
import torch

from sngan.architecture.base import DiscriminatorOutput as Output
from sngan.loss.auxiliary_classifier import AuxiliaryClassifierLoss
from sngan.loss.relativistic import RelativisticLoss


def test_by_hand():
    """Each real picture against the fake beside it, not against the mean of all."""
    real, fake = Output(torch.tensor([3.0, -1.0])), Output(torch.tensor([1.0, 1.0]))
    up, down = (torch.tensor(x).exp().log1p() for x in (2.0, -2.0))  # softplus of 2 and of -2.
    loss = RelativisticLoss()
    assert loss.discriminator(real, fake).item() == pytest.approx(((down + up) / 2).item())
    assert loss.generator(fake, real).item() == pytest.approx(((up + down) / 2).item())


def test_what_one_side_wins_the_other_loses_in_its_gradient():
    real, fake = torch.randn(2, 6, dtype=torch.float64)
    loss, fake = RelativisticLoss(), fake.requires_grad_()
    (of_d,) = torch.autograd.grad(loss.discriminator(Output(real), Output(fake)), fake)
    (of_g,) = torch.autograd.grad(loss.generator(Output(fake), Output(real)), fake)
    ahead = (real - fake.detach()).sigmoid()
    torch.testing.assert_close(of_d, (1 - ahead) / 6)
    torch.testing.assert_close(of_g, -ahead / 6)


def test_a_constant_changes_nothing():
    real, fake = torch.randn(2, 5, dtype=torch.float64)
    loss = RelativisticLoss()
    for side, pair in ((loss.discriminator, (real, fake)), (loss.generator, (fake, real))):
        torch.testing.assert_close(
            side(*map(Output, pair)), side(*(Output(logits + 100) for logits in pair))
        )


def test_beside_a_classifier():
    loss = AuxiliaryClassifierLoss(RelativisticLoss(), generator_weight=2)
    assert loss.needs_real
    fake, real = (Output(torch.randn(3), torch.rand(3)) for _ in range(2))
    expected = RelativisticLoss().generator(fake, real) + 2 * fake.class_losses.mean()
    torch.testing.assert_close(loss.generator(fake, real), expected)
