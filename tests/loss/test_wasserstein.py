import torch

from sngan.architecture.base import Verdict
from sngan.loss.wasserstein import WassersteinLoss


def test_by_hand():
    real, fake = Verdict(torch.tensor([1.0, 3.0])), Verdict(torch.tensor([-1.0, 0.0, 4.0]))
    assert WassersteinLoss().discriminator(real, fake).item() == 1 - 2
    assert WassersteinLoss().generator(fake).item() == -1
