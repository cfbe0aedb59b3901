import pytest
import torch

from sngan.architecture.base import DiscriminatorOutput as Output
from sngan.loss.auxiliary_classifier import AuxiliaryClassifierLoss
from sngan.loss.hinge import HingeLoss
from sngan.loss.wasserstein import WassersteinLoss

REAL = Output(torch.tensor([1.0, 3.0]), torch.tensor([0.5, 1.5]))
FAKE = Output(torch.tensor([-1.0, 1.0]), torch.tensor([10.0, 20.0]))


def test_discriminator_learns_classes_of_real_pictures_only():
    loss = AuxiliaryClassifierLoss(WassersteinLoss())
    assert loss.discriminator(REAL, FAKE).item() == (0 - 2) + 1.0
    weighted = AuxiliaryClassifierLoss(WassersteinLoss(), discriminator_weight=3)
    assert weighted.discriminator(REAL, FAKE).item() == (0 - 2) + 3.0


def test_generator_is_asked_for_its_classes():
    assert AuxiliaryClassifierLoss(WassersteinLoss()).generator(FAKE).item() == pytest.approx(1.5)
    weighted = AuxiliaryClassifierLoss(HingeLoss(), generator_weight=2)
    assert weighted.generator(FAKE).item() == 30


def test_classes_are_learned_once():
    with pytest.raises(ValueError, match=r"adversarial must be a loss without classes"):
        AuxiliaryClassifierLoss(AuxiliaryClassifierLoss(HingeLoss()))


@pytest.mark.parametrize("name", ["discriminator_weight", "generator_weight"])
def test_weights_must_not_be_negative(name):
    with pytest.raises(ValueError, match=f"{name} must be a number between 0 and"):
        AuxiliaryClassifierLoss(HingeLoss(), **{name: -1})
