import pytest
import torch

from sngan.schedule.linear import Linear


@pytest.mark.parametrize("start", [-0.1, 1, "half", [0.5], {}, False, float("nan")])
def test_start_outside_the_run(start):
    with pytest.raises(ValueError, match=r"^start must be a number >= 0 and < 1 or null, got"):
        Linear(start)


def test_a_start_that_rounds_to_the_end_decays_within_the_last_iteration():
    factors = [Linear(0.99).factor(torch.tensor(done), 10).item() for done in (8, 9, 10)]
    assert factors == [1, 1, 0]


def test_a_longer_run_has_other_rates_if_they_decay():
    assert (Linear(0.5).needs_length, Linear().needs_length) == (True, False)
