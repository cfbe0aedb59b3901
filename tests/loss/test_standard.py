import math

import pytest
import torch

from sngan.architecture.base import DiscriminatorOutput as Output
from sngan.loss.standard import StandardLoss


def test_zero_logits():
    logits = torch.zeros(3)
    assert StandardLoss().discriminator(Output(logits), Output(logits)).item() == pytest.approx(
        2 * math.log(2)
    )
    assert StandardLoss().generator(Output(logits)).item() == pytest.approx(math.log(2))


def test_by_hand():
    real, fake = torch.tensor([math.log(3)]), torch.tensor([math.log(1 / 3), math.log(3)])
    # softplus(-log 3) = log(1 + 1/3); softplus(+-log 3) = log(1 + 3), log(1 + 1/3).
    mean_of_fake = (math.log(4 / 3) + math.log(4)) / 2
    expected = math.log(4 / 3) + mean_of_fake
    assert StandardLoss().discriminator(Output(real), Output(fake)).item() == pytest.approx(
        expected
    )
    assert StandardLoss().generator(Output(fake)).item() == pytest.approx(mean_of_fake)


def test_generator_side_does_not_saturate():
    logits = torch.tensor([-50.0], requires_grad=True)
    StandardLoss().generator(Output(logits)).backward()
    assert logits.grad.item() == pytest.approx(-1)
