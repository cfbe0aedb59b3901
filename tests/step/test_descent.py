"""Big batches in parts, and gradients that are not to be too long."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from sngan.architecture.base import Generator
from sngan.architecture.cnn import CnnDiscriminator
from sngan.dataset.base import Pictures
from sngan.loss.hinge import HingeLoss
from sngan.preprocessing.symmetric import Symmetric
from sngan.regularizer.gradient_penalty import GradientPenalty
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.orthonormal import Orthonormal
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.sampling.latents import Latents
from sngan.step.batches import Batches
from sngan.step.descent import Descent
from sngan.step.iteration import Iteration

CPU = torch.device("cpu")


class PlainGenerator(Generator):
    """Without batch norm: what it makes of a noise does not depend on the others."""

    image_size, latent_size = 8, 4

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(4, 3 * 8 * 8)

    def forward(self, z, labels=None):
        return self.dense(z.double()).tanh().unflatten(1, (3, 8, 8))


class Doubles(Symmetric):
    def __call__(self, images):
        return super().__call__(images).double()


def built(regularizer, descent, n_dis=2, **settings):
    torch.manual_seed(0)
    generator = PlainGenerator().double()
    discriminator = CnnDiscriminator(8, regularizer.wrap_layer, (4, 4, 4), init_std=0.3).double()
    pictures = torch.randint(256, (32, 3, 8, 8), dtype=torch.uint8)
    return Iteration(
        generator=generator,
        discriminator=discriminator,
        loss=HingeLoss(),
        regularizer=regularizer,
        generator_optimizer=torch.optim.SGD(generator.parameters(), 0.1),
        discriminator_optimizer=torch.optim.SGD(discriminator.parameters(), 0.1),
        batches=Batches(Pictures(pictures, torch.zeros(32).long(), ("x",)), Doubles(), 8, CPU),
        latents=Latents(generator, CPU),
        n_dis=n_dis,
        batch_size=8,
        generator_batch_size=16,
        descent=descent,
        **settings,
    )


def sizes_seen_by(network):
    sizes = []
    network.register_forward_hook(lambda module, inputs, output: sizes.append(len(inputs[0])))
    return sizes


def gradients(iteration):
    networks = (iteration.generator, iteration.discriminator)
    return [x.grad for network in networks for x in network.parameters()]


@pytest.mark.parametrize("regularizer", [NoRegularizer, Orthonormal, GradientPenalty])
@pytest.mark.parametrize("together", [1, 2])
def test_parts_have_the_gradient_of_the_whole_batch(regularizer, together):
    ends = []
    for count in (1, 4):
        iteration = built(regularizer(), Descent(count), fakes_together=together)
        ends.append((*iteration(), *gradients(iteration)))
    for one, other in zip(*ends, strict=True):
        assert one.dtype == torch.float64
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_no_network_sees_more_than_a_part():
    iteration = built(NoRegularizer(), Descent(4), n_dis=1)
    of_g, of_d = (sizes_seen_by(x) for x in (iteration.generator, iteration.discriminator))
    iteration()
    assert of_g == [4] * 4 + [2] * 4
    assert of_d == [4] * 4 + [2, 2] * 4


def test_a_power_iteration_moves_for_every_part():
    """So sigma differs from part to part, and the gradient is not quite that of the whole."""
    regularizer, found = SpectralNorm(), []
    iteration = built(regularizer, Descent(2), n_dis=1)
    layer = iteration.discriminator.convolutions[1]
    layer.register_forward_hook(lambda *_: found.append(layer.u.clone()))
    iteration()
    assert len(found) == 6
    assert all(not torch.equal(*pair) for pair in pairwise(found))


def test_noise_is_that_of_the_whole_batch():
    """And so is all that is random after it."""
    states = []
    for count in (1, 4):
        built(NoRegularizer(), Descent(count))()
        states.append(torch.get_rng_state())
    assert torch.equal(*states)


def step_of(max_norm):
    parameters = [nn.Parameter(torch.zeros(3)), nn.Parameter(torch.zeros(1))]
    target = [torch.tensor([3.0, 0, 0]), torch.tensor([4.0])]
    optimizer = torch.optim.SGD(parameters, 1.0)

    def losses():
        return (sum((x * y).sum() for x, y in zip(parameters, target, strict=True)),)

    Descent(max_norm=max_norm)(optimizer, lambda _: losses(), torch.zeros(1))
    return -torch.cat([x.detach() for x in parameters])


def test_a_long_gradient_is_shortened_with_all_parameters_together():
    assert step_of(1.0).tolist() == pytest.approx([0.6, 0, 0, 0.8], rel=1e-5)


@pytest.mark.parametrize("max_norm", [None, 6.0])
def test_a_short_one_stays(max_norm):
    assert step_of(max_norm).tolist() == [3, 0, 0, 4]


def test_the_mean_over_parts_is_clipped_not_each_part():
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], 1.0)
    batch = torch.tensor([10.0, -9.0])
    Descent(2, 1.0)(optimizer, lambda part: ((parameter * part).mean(),), batch)
    assert -parameter.item() == pytest.approx(0.5)
