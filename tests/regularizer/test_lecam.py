import copy

import pytest
import torch
from torch import nn

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.hinge import HingeLoss
from sngan.regularizer.base import Judged
from sngan.regularizer.lecam import LeCam
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.r1 import R1


def said(real, fake):
    """Return what a discriminator has said of pictures nobody looks at."""
    logits = [torch.tensor(kind, dtype=torch.float64) for kind in (real, fake)]
    outputs = [DiscriminatorOutput(kind.requires_grad_()) for kind in logits]
    return Judged(torch.zeros(1), None, torch.zeros(1), None, *outputs)


def prepared(**settings):
    regularizer = LeCam(**settings)
    regularizer.prepare(nn.Linear(1, 1).double())
    return regularizer


def test_closed_form_by_hand():
    """Means 2 and -1, then 4 and -2: averages at a decay of 0.5 are 3 and -1.5."""
    regularizer = prepared(weight=10, decay=0.5, start=1)
    assert regularizer.penalty(None, said([1.0, 3.0], [-1.0, -1.0])) == 0
    judged = said([3.0, 5.0], [-3.0, -1.0])
    penalty = regularizer.penalty(None, judged)
    # 3 + 1.5 and 5 + 1.5; 3 + 3 and 3 + 1.
    expected = 10 * ((4.5**2 + 6.5**2) / 2 + (6**2 + 4**2) / 2)
    assert penalty.item() == pytest.approx(expected, rel=1e-12)
    gradients = torch.autograd.grad(penalty, [judged.of_real.logits, judged.of_fake.logits])
    assert gradients[0].tolist() == pytest.approx([10 * 4.5, 10 * 6.5])  # 2 / N = 1.
    assert gradients[1].tolist() == pytest.approx([-10 * 6, -10 * 4])


def test_no_gradient_flows_through_the_averages():
    judged = said([1.0, 3.0], [-1.0, -1.0])
    regularizer = prepared(start=1)
    regularizer.penalty(None, judged)
    assert not any(buffer.requires_grad for buffer in regularizer.state.buffers())


@pytest.mark.parametrize("one_sided", [False, True])
def test_one_sided_leaves_what_is_too_near(one_sided):
    """A real picture below the fakes' average: the formula raises it, their code does not."""
    regularizer = prepared(weight=1, decay=0, start=1, one_sided=one_sided)
    regularizer.penalty(None, said([0.0], [0.0]))
    penalty = regularizer.penalty(None, said([-4.0, 6.0], [-1.0, 5.0]))  # Averages 1 and 2.
    squares = [[36, 16], [4, 16]] if not one_sided else [[0, 16], [4, 0]]
    assert penalty.item() == pytest.approx(sum(sum(pair) / 2 for pair in squares))


def test_against_the_averages_of_the_authors_written_out():
    """Numbers of the host, one update at a time, and their condition on the count."""
    decay, start, weight = 0.9, 3, 0.3
    regularizer = prepared(weight=weight, decay=decay, start=start, one_sided=True)
    real_average = fake_average = 1000.0  # Where theirs begin; forgotten at once.
    for update in range(1, 9):
        real, fake = torch.randn(2, 4, dtype=torch.float64) + torch.tensor([[1.0], [-1.0]])
        stays = decay if update > start else 0.0
        real_average = stays * real_average + (1 - stays) * real.mean().item()
        fake_average = stays * fake_average + (1 - stays) * fake.mean().item()
        above = [max(0.0, value - fake_average) ** 2 for value in real.tolist()]
        below = [max(0.0, real_average - value) ** 2 for value in fake.tolist()]
        expected = weight * (sum(above) + sum(below)) / 4 if update > start else 0.0
        penalty = regularizer.penalty(None, said(real.tolist(), fake.tolist()))
        assert penalty.item() == pytest.approx(expected, rel=1e-12)


def test_averages_are_changed_in_place_where_the_network_is():
    """A recorded iteration finds them where they were."""
    regularizer = prepared(start=1)
    assert [buffer.dtype for buffer in regularizer.state.buffers()] == [
        torch.float64,
        torch.float64,
        torch.int64,
    ]
    places = [buffer.data_ptr() for buffer in regularizer.state.buffers()]
    for _ in range(3):
        regularizer.penalty(None, said([1.0], [0.5]))
    assert [buffer.data_ptr() for buffer in regularizer.state.buffers()] == places
    assert [buffer.item() for buffer in regularizer.state.buffers()] == [1, 0.5, 3]


def test_it_is_saved_and_goes_on_from_where_it_was(small_iteration):
    def build():
        torch.manual_seed(0)
        return small_iteration(Combined([R1(), LeCam(start=1, decay=0.5)]), HingeLoss())

    whole = build()
    for _ in range(3):
        whole()
    half = build()
    half()
    random, state = torch.get_rng_state(), copy.deepcopy(half.states.state_dict())
    resumed = build()
    resumed.states.load_state_dict(state)
    torch.set_rng_state(random)
    for _ in range(2):
        resumed()
    assert state["regularizer"].keys() == {"0.real", "0.fake", "0.updates"}
    for part in ("regularizer", "discriminator"):
        found, expected = (run.states.state_dict()[part] for run in (resumed, whole))
        assert all(torch.equal(found[name], value) for name, value in expected.items())


def test_those_without_a_state_leave_none(small_iteration):
    """Their checkpoints are what they were, and older ones fit them."""
    assert "regularizer" not in small_iteration(R1(), HingeLoss()).states.state_dict()
    both = Combined([R1(), R1()])
    assert "regularizer" not in small_iteration(both, HingeLoss()).states.state_dict()


@pytest.mark.parametrize(
    ("setting", "value", "accepted"),
    [
        ("weight", -1, "a number between 0 and 1000000000.0"),
        ("decay", 1, "a number >= 0 and < 1"),
        ("start", 0, "an integer between 1 and 1000000000"),
        ("one_sided", 1, "true or false"),
    ],
)
def test_settings_are_checked(setting, value, accepted):
    with pytest.raises(ValueError, match=f"{setting} must be {accepted}, got {value}"):
        LeCam(**{setting: value})
