import pytest
import torch
from torch import nn

from sngan.architecture.base import Discriminator, DiscriminatorOutput, Generator
from sngan.loss.standard import StandardLoss
from sngan.monitor.separation import Separation
from sngan.regularizer.none import NoRegularizer


class Brightness(Discriminator):
    """``f(x) = scale * sum(x)``: its gradient is ``scale`` everywhere."""

    def __init__(self, scale):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, images, labels=None):
        return DiscriminatorOutput(self.scale * images.sum(dim=(1, 2, 3)))


class TwoColours(Generator):
    """Pictures of -0.5 and 0.5 in turn."""

    image_size, latent_size = 4, 1

    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(()))  # Tells the device.

    def forward(self, z, labels=None):
        signs = torch.tensor([-0.5, 0.5]).repeat(len(z) // 2)
        return signs.view(-1, 1, 1, 1).expand(-1, 3, 4, 4)


class White:
    def next(self):
        return torch.ones(4, 3, 4, 4), None


@pytest.mark.parametrize("scale", [0.25, -0.25])
def test_closed_form(small_iteration, scale):
    iteration = small_iteration(NoRegularizer(), StandardLoss())
    iteration.generator, iteration.discriminator = TwoColours(), Brightness(scale)
    iteration.passes.discriminator = iteration.discriminator
    values = Separation(every=1, num_batches=2)(iteration, lambda split: White())
    assert values["separation/gap"] == pytest.approx(scale * 3 * 4 * 4)
    assert values["separation/slope"] == pytest.approx(0.25 * (3 * 4 * 4) ** 0.5)
    deviation = torch.tensor([-0.5, 0.5] * (iteration.batch_size // 2)).std().item()
    assert values["separation/diversity"] == pytest.approx(deviation)


def test_leaves_no_trace(small_iteration, shapes):
    iteration = small_iteration(NoRegularizer(), StandardLoss())
    before = torch.get_rng_state()
    Separation(every=1, num_batches=1)(iteration, lambda split: iteration.batches)
    assert torch.equal(before, torch.get_rng_state())
    assert all(p.grad is None for p in iteration.discriminator.parameters())
