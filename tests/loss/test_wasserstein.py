import torch

from sngan.architecture.base import DiscriminatorOutput as Output
from sngan.loss.wasserstein import WassersteinLoss


def test_by_hand():
    real, fake = (
        Output(torch.tensor([1.0, 3.0])),
        Output(torch.tensor([-1.0, 0.0, 4.0])),
    )
    assert WassersteinLoss().discriminator(real, fake).item() == 1 - 2
    assert WassersteinLoss().generator(fake).item() == -1
