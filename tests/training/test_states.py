"""Something new with a state, added from outside: saved and restored without the loop's help."""

import pytest
import torch

from sngan.dataset.synthetic import SyntheticShapes
from sngan.loss.standard import StandardLoss
from sngan.preprocessing.symmetric import Symmetric
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder
from sngan.schedule.linear import Linear
from sngan.step.splits import Splits
from sngan.training.loop import train
from sngan.training.schedule import LearningRates
from sngan.training.train_step import TrainStep

CPU = torch.device("cpu")


class Average:
    """A running average of G's weights, moved after each of its updates."""

    def __init__(self, iteration, decay=0.9):
        self.decay = decay
        self.of = dict(iteration.generator.named_parameters())
        self.weights = {name: weight.detach().clone() for name, weight in self.of.items()}
        iteration.generator_optimizer.register_step_post_hook(lambda *_: self.update())

    @torch.no_grad()
    def update(self):
        for name, weight in self.weights.items():
            weight.lerp_(self.of[name], 1 - self.decay)

    def state_dict(self):
        return self.weights

    def load_state_dict(self, state):
        for name, weight in self.weights.items():
            weight.copy_(state[name])


@pytest.fixture
def run(small_iteration, tmp_path):
    """Train anew from a seed; returns the average of G, if one was added, and the checkpoint."""

    def call(total_steps, *, averaged=True, resume_from=None):
        torch.manual_seed(0)
        iteration = small_iteration(SpectralNorm(), StandardLoss())
        optimizers = [iteration.generator_optimizer, iteration.discriminator_optimizer]
        step = TrainStep(iteration, LearningRates(optimizers, Linear(), 6, CPU), CPU)
        average = Average(iteration) if averaged else None
        if average is not None:
            step.states.add("mean", average)
        result = train(
            step=step,
            splits=Splits(SyntheticShapes(16, num_images=60), Symmetric(), 4, CPU),
            folder=RunFolder(tmp_path),
            config={},
            device=CPU,
            seed=0,
            total_steps=total_steps,
            log_every=2,
            sample_every=100,
            checkpoint_every=100,
            resume_from=resume_from,
        )
        return average, checkpoint.load(result.checkpoint)

    return call


def test_it_is_saved_and_goes_on_from_where_it_was(run):
    whole, expected = run(6)
    half, state = run(3)
    assert state["mean"].keys() == half.weights.keys()
    resumed, found = run(6, resume_from=state)
    for name, weight in whole.weights.items():
        assert torch.equal(resumed.weights[name], weight), name
        assert torch.equal(found["mean"][name], expected["mean"][name]), name
        assert not torch.equal(half.weights[name], weight), name


def test_it_is_an_average_and_disturbs_nothing(run, small_iteration):
    """After one update: nine tenths of the start, one tenth of what the update made."""
    _, plain = run(1, averaged=False)
    average, state = run(1)
    assert "mean" not in plain
    torch.manual_seed(0)
    start = small_iteration(SpectralNorm(), StandardLoss()).generator.state_dict()
    for name, weight in average.weights.items():
        moved = state["iteration"]["generator"][name]
        assert torch.equal(moved, plain["iteration"]["generator"][name])
        torch.testing.assert_close(weight, 0.9 * start[name] + 0.1 * moved)


def test_a_checkpoint_without_it_is_named_as_such(run):
    _, state = run(2, averaged=False)
    with pytest.raises(ValueError, match="the checkpoint holds no state of mean"):
        run(4, resume_from=state)


def test_a_checkpoint_with_more_can_be_continued_without_it(run):
    """Who does not ask for the average any more has the same training."""
    _, expected = run(4)
    _, state = run(2)
    _, found = run(4, averaged=False, resume_from=state)
    for name, weight in expected["iteration"]["generator"].items():
        assert torch.equal(found["iteration"]["generator"][name], weight), name


def test_a_name_is_given_once(small_iteration):
    iteration = small_iteration(SpectralNorm(), StandardLoss())
    with pytest.raises(ValueError, match="there is a state named generator already"):
        iteration.states.add("generator", iteration.generator)
