import pytest
import torch

from sngan.architecture.base import DiscriminatorOutput as Output
from sngan.loss.hinge import HingeLoss


def test_by_hand():
    loss = HingeLoss()
    # Real: max(0, 1 - f) = 3, 1, 0. Fake: max(0, 1 + f) = 0, 1, 3, 0.
    real, fake = torch.tensor([-2.0, 0.0, 2.0]), torch.tensor([-2.0, 0.0, 2.0, -1.0])
    assert loss.discriminator(Output(real), Output(fake)).item() == pytest.approx(4 / 3 + 1)
    assert loss.generator(Output(fake)).item() == 0.25


def test_margin_is_one():
    logits = torch.tensor([0.99, 1.01], requires_grad=True)
    fake = torch.tensor([-5.0])
    HingeLoss().discriminator(Output(logits), Output(fake)).backward()
    assert logits.grad.tolist() == [-0.5, 0.0]
