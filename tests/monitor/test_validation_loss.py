import pytest
import torch

from sngan.loss.wasserstein import WassersteinLoss
from sngan.monitor.validation_loss import ValidationLoss
from sngan.preprocessing.symmetric import Symmetric
from sngan.regularizer.gradient_penalty import GradientPenalty
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.step.batches import Batches

CPU = torch.device("cpu")


@pytest.fixture
def iteration(small_iteration):
    regularizer = Combined([SpectralNorm(gamma=True), GradientPenalty()])
    return small_iteration(regularizer, WassersteinLoss())


class Constant:
    """Batches of one colour."""

    def __init__(self, value):
        self.value = value

    def next(self):
        return torch.full((4, 3, 16, 16), self.value), torch.zeros(4, dtype=torch.int64)


def test_measures_both_splits_twice_the_same_and_moves_nothing(iteration, shapes):
    state = {k: v.clone() for k, v in iteration.discriminator.state_dict().items()}
    order = iteration.batches.state_dict()["upcoming"].clone()
    monitor = ValidationLoss(every=1, num_batches=2)
    values = [monitor(iteration, lambda split: Batches(shapes, Symmetric(), 4, CPU)) for _ in "ab"]
    assert values[0] == values[1]
    assert values[0]["loss/discriminator/train"] == values[0]["loss/discriminator/test"]
    assert all(torch.equal(state[k], v) for k, v in iteration.discriminator.state_dict().items())
    assert torch.equal(order, iteration.batches.state_dict()["upcoming"])
    assert all(p.grad is None for p in iteration.discriminator.parameters())


def test_splits_are_told_apart(iteration):
    colours = {"train": -1.0, "test": 1.0}
    values = ValidationLoss(every=1)(iteration, lambda split: Constant(colours[split]))
    assert values["loss/discriminator/train"] != values["loss/discriminator/test"]


def test_counts_must_be_positive():
    with pytest.raises(
        ValueError, match=r"num_batches must be an integer between 1 and \d+, got 0"
    ):
        ValidationLoss(num_batches=0)
