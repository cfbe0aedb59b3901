"""What one iteration touches, in which order, and how often."""

from collections import deque

import pytest
import torch

from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
from sngan.augmentation.base import Augmentation
from sngan.loss.hinge import HingeLoss
from sngan.preprocessing.dequantized import Dequantized
from sngan.regularizer.base import Regularizer
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.sampling.latents import Latents
from sngan.step.batches import Batches
from sngan.step.descent import Descent
from sngan.step.iteration import Iteration

CPU = torch.device("cpu")


class Spy(Regularizer):
    """Counts calls of two hooks and remembers the batches."""

    def __init__(self):
        self.real = []
        self.fake = []
        self.after = 0

    def penalty(self, discriminator, judged):
        self.real.append(judged.real)
        self.fake.append(judged.fake)
        weight = discriminator.head.dense.weight
        return 10 * (weight @ weight.T).sum()

    def after_step(self, discriminator):
        self.after += 1


class CountingDiscriminator(ResNetCifarDiscriminator):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.sizes = ()
        self.dtypes = set()

    def forward(self, images, labels=None):
        self.sizes = (*self.sizes, len(images))
        verdict = super().forward(images, labels)
        self.dtypes.add(verdict.logits.dtype)
        return verdict


@pytest.fixture
def iteration(shapes):
    return build(shapes)


def build(shapes, n_dis=3, **settings):
    regularizer = Spy()
    generator = ResNetCifarGenerator(16, width=0.02)
    discriminator = CountingDiscriminator(16, regularizer.wrap_layer, width=0.05)
    return Iteration(
        generator=generator,
        discriminator=discriminator,
        regularizer=regularizer,
        generator_optimizer=torch.optim.Adam(generator.parameters(), 1e-3),
        discriminator_optimizer=torch.optim.Adam(discriminator.parameters(), 1e-3),
        batches=Batches(shapes, Dequantized(), 4, CPU),
        latents=Latents(generator, CPU),
        n_dis=n_dis,
        batch_size=4,
        **{"loss": HingeLoss(), "generator_batch_size": 6, **settings},
    )


def snapshot(network):
    return {name: tensor.clone() for name, tensor in network.named_parameters()}


def changed(network, before):
    return [name for name, tensor in network.named_parameters() if not tensor.equal(before[name])]


def test_one_generator_update_then_n_dis_discriminator_updates(iteration):
    losses = iteration()
    assert iteration.discriminator.sizes == (6, 4, 4, 4, 4, 4, 4)
    assert iteration.regularizer.after == 3
    assert losses.generator.shape == ()
    assert losses.discriminator.shape == losses.penalty.shape == (3,)
    steps = [
        {int(state["step"]) for state in optimizer.state.values()}
        for optimizer in (iteration.generator_optimizer, iteration.discriminator_optimizer)
    ]
    assert steps == [{1}, {3}]


def test_every_discriminator_update_has_fresh_real_and_fake_pictures(iteration):
    iteration()
    for batches in (iteration.regularizer.real, iteration.regularizer.fake):
        assert len({batch.sum().item() for batch in batches}) == 3
    assert not any(fake.requires_grad for fake in iteration.regularizer.fake)


def test_generator_update_leaves_the_discriminator_alone(iteration):
    before = snapshot(iteration.discriminator)
    iteration.update_generator(iter(()))
    assert not changed(iteration.discriminator, before)
    assert all(parameter.grad is None for parameter in iteration.discriminator.parameters())
    assert all(parameter.requires_grad for parameter in iteration.discriminator.parameters())


def test_discriminator_update_leaves_the_generator_alone_but_for_its_statistics(iteration):
    before, rival = snapshot(iteration.generator), snapshot(iteration.discriminator)
    statistics = iteration.generator.norm.running_mean.clone()
    iteration.update_discriminator(iter([iteration.batches.next()]), deque())
    assert not changed(iteration.generator, before)
    assert changed(iteration.discriminator, rival)
    assert not statistics.equal(iteration.generator.norm.running_mean)


def test_parameters_frozen_on_purpose_stay_frozen(iteration):
    iteration.discriminator.head.dense.weight.requires_grad_(False)
    iteration.update_generator(iter(()))
    assert not iteration.discriminator.head.dense.weight.requires_grad
    assert iteration.discriminator.blocks[0].conv1.weight.requires_grad


def test_penalty_moves_the_discriminator(shapes):
    torch.manual_seed(1)
    with_penalty = build(shapes)
    torch.manual_seed(1)
    without = build(shapes)
    without.regularizer.penalty = lambda discriminator, judged: judged.real.new_zeros(())
    for iteration in (with_penalty, without):
        torch.manual_seed(2)
        for _ in range(2):  # Adam's first step knows only the gradient's sign.
            iteration.update_discriminator(iter([iteration.batches.next()]), deque())
    assert changed(without.discriminator, snapshot(with_penalty.discriminator))


def test_same_seed_same_numbers(shapes):
    weights = []
    for _ in range(2):
        torch.manual_seed(3)
        iteration = build(shapes)
        iteration()
        weights.append(snapshot(iteration.generator))
    assert not changed(iteration.generator, weights[0])


def test_autocast_keeps_losses_and_weights_in_float32(shapes):
    iteration = build(shapes, autocast_dtype=torch.bfloat16)
    losses = iteration()
    assert iteration.discriminator.dtypes == {torch.bfloat16}
    assert iteration.regularizer.fake[0].dtype == torch.float32
    assert {part.dtype for part in losses} == {torch.float32}
    assert {p.dtype for p in iteration.generator.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fakes_together": 0}, "fakes_together must be 1 to n_dis 3, got 0"),
        ({"fakes_together": 4}, "fakes_together must be 1 to n_dis 3, got 4"),
    ],
    ids=str,
)
def test_counts_are_checked(shapes, settings, message):
    with pytest.raises(ValueError, match=message):
        build(shapes, **settings)


@pytest.mark.parametrize(
    ("together", "expected"),
    [(1, "z real z real z real z"), (2, "z real z real real z"), (3, "z real z real real")],
)
def test_pictures_are_drawn_in_the_order_of_the_authors(shapes, together, expected):
    """A seed means the same run only if everything is drawn in the same order."""
    iteration = build(shapes, fakes_together=together)
    drawn = []

    def note(word, function):
        return lambda *arguments: (drawn.append(word), function(*arguments))[1]

    iteration.latents.sample = note("z", iteration.latents.sample)
    iteration.batches._take = note("real", iteration.batches._take)
    iteration()
    assert drawn == expected.split()


def test_fakes_of_several_updates_from_one_pass(shapes):
    """One batch of G: its statistics move once, and every update still has fakes of its own."""
    iteration = build(shapes, fakes_together=3)
    sizes = []
    iteration.generator.register_forward_hook(lambda module, x, y: sizes.append(len(y)))
    iteration()
    assert sizes == [6, 12]
    assert len({fake.sum().item() for fake in iteration.regularizer.fake}) == 3
    assert [len(fake) for fake in iteration.regularizer.fake] == [4, 4, 4]


def test_fakes_are_made_in_train_mode_without_a_gradient(iteration):
    generator = iteration.generator
    statistics = generator.norm.running_mean.clone()
    [(fake, labels)] = iteration.make_fakes()
    assert generator.training
    assert not statistics.equal(generator.norm.running_mean)
    assert not fake.requires_grad
    assert (fake.shape, labels) == ((4, 3, 16, 16), None)


def test_labels_of_several_batches_of_fakes_go_with_them(iteration):
    class Labelled(torch.nn.Module):
        def forward(self, z, labels):
            return labels.view(-1, 1, 1, 1).expand(-1, 3, 16, 16).float()

    class Counted:
        def sample(self, count):
            return torch.zeros(count, 2), torch.arange(count)

    iteration.generator, iteration.latents = Labelled(), Counted()
    fakes = iteration.make_fakes(3)
    for fake, labels in fakes:
        assert torch.equal(fake[:, 0, 0, 0], labels.float())
    assert torch.equal(torch.cat([labels for _, labels in fakes]), torch.arange(12))


def test_lower_precision_is_for_both_networks(shapes):
    """The fakes come as G makes them; D's pass and the penalty see the same pictures."""
    iteration = build(shapes, autocast_dtype=torch.bfloat16)
    [(fake, _)] = iteration.make_fakes()
    assert fake.dtype == torch.bfloat16
    real, labels = iteration.batches.next()
    assert iteration.judge(real, labels, fake, None).of_real.logits.dtype == torch.float32
    assert iteration.discriminator.dtypes == {torch.bfloat16}


def test_a_second_iteration_does_not_advance_the_power_iteration_twice(shapes):
    regularizer = SpectralNorm()
    discriminator = ResNetCifarDiscriminator(16, regularizer.wrap_layer, width=0.05)
    for _ in range(2):
        regularizer.prepare(discriminator)
    assert len(discriminator._forward_pre_hooks) == 1


class Paired(HingeLoss):
    """Remembers how many of each kind G's loss was told of."""

    needs_real = True

    def __init__(self):
        self.told = []

    def generator(self, fake, real=None):
        self.told.append((len(fake.logits), len(real.logits)))
        return (real.logits - fake.logits).mean()


@pytest.mark.parametrize("parts", [1, 2])
def test_a_loss_of_pairs_is_told_of_as_many_real_pictures_all_of_them_fresh(shapes, parts):
    loss = Paired()
    iteration = build(shapes, loss=loss, generator_batch_size=8, descent=Descent(parts))
    seen, take = [], iteration.batches._take

    def remember(index):
        seen.extend(iteration.batches._order[iteration.batches._place :][:4].tolist())
        return take(index)

    iteration.batches._take = remember
    iteration()
    assert loss.told == [(8 // parts, 8 // parts)] * parts
    assert len(seen) == len(set(seen)) == (2 + 3) * 4  # Two batches for G, one for each D update.


def test_a_loss_of_pairs_needs_whole_batches(shapes):
    with pytest.raises(ValueError, match="generator_batch_size must be a multiple of batch_size 4"):
        build(shapes, loss=Paired())


class Negative(Augmentation):
    """Remembers what it was given."""

    def __init__(self):
        super().__init__()
        self.given = []

    def augment(self, images):
        self.given.append(images)
        return -images


def test_d_sees_augmented_pictures_in_both_updates_and_so_do_penalties(shapes):
    augmentation = Negative()
    iteration = build(shapes, augmentation=augmentation)
    iteration()
    assert [len(x) for x in augmentation.given] == [6, *[4] * 6]
    assert augmentation.given[0].requires_grad
    assert iteration.regularizer.real[0].equal(-augmentation.given[1])
    assert iteration.regularizer.fake[0].equal(-augmentation.given[2])
    [(fake, _)] = iteration.make_fakes()
    assert len(augmentation.given) == 7  # Samples are not augmented.
    assert fake.abs().max() <= 1
