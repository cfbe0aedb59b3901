import pytest
import torch

from sngan.schedule.linear import Linear
from sngan.training.schedule import LearningRates

CPU = torch.device("cpu")


def optimizer(lr=2.0):
    return torch.optim.Adam([torch.nn.Parameter(torch.zeros(2))], lr)


def rates(start, total_steps, steps, first=0):
    """The rates before each of some iterations."""
    used = optimizer()
    schedule = LearningRates([used], Linear(start), total_steps, CPU)
    schedule.resume(first)
    found = []
    for _ in range(steps):
        found.append(used.param_groups[0]["lr"].item())
        schedule.step()
    return found


def test_decay_ends_exactly_at_the_last_iteration():
    assert rates(0, 4, 5) == [2, 1.5, 1, 0.5, 0]


def test_late_start():
    assert rates(0.5, 4, 5) == [2, 2, 2, 1, 0]


def test_no_decay():
    assert rates(None, 4, 4) == [2, 2, 2, 2]


def test_goes_on_where_a_run_was_left():
    assert rates(0, 4, 2, first=2) == [1, 0.5]


def test_every_group_of_every_optimizer_keeps_a_rate_of_its_own():
    used = [optimizer(2.0), optimizer(4.0)]
    schedule = LearningRates(used, Linear(0), 2, CPU)
    schedule.step()
    assert [x.param_groups[0]["lr"].item() for x in used] == [1, 2]


def test_loaded_optimizers_get_their_rates_again():
    used = optimizer()
    schedule = LearningRates([used], Linear(0), 4, CPU)
    used.load_state_dict(optimizer(7.0).state_dict())
    schedule.resume(1)
    schedule.step()
    assert used.param_groups[0]["lr"].item() == 1


def test_a_rate_moves_the_parameters():
    used = optimizer()
    (parameter,) = used.param_groups[0]["params"]
    schedule = LearningRates([used], Linear(0), 2, CPU)
    moved = []
    for _ in range(3):
        before = parameter.detach().clone()
        parameter.grad = torch.ones(2)
        used.step()
        moved.append((before - parameter.detach()).mean().item())
        schedule.step()
    assert moved == pytest.approx([2, 1, 0], abs=1e-6)


def test_counters_from_another_device_come_to_the_parameters():
    """A checkpoint of a CPU run has them on the CPU."""
    used = optimizer()
    (parameter,) = used.param_groups[0]["params"]
    parameter.grad = torch.ones(2)
    used.step()
    on_meta = torch.optim.Adam([torch.nn.Parameter(torch.zeros(2, device="meta"))])
    on_meta.state[on_meta.param_groups[0]["params"][0]] = used.state[parameter]
    schedule = LearningRates([on_meta], Linear(), 4, CPU)
    schedule.resume(1)
    assert {state["step"].device.type for state in on_meta.state.values()} == {"meta"}


def test_a_way_to_compute_that_wants_numbers_is_refused():
    used = torch.optim.Adam([torch.nn.Parameter(torch.zeros(2))], foreach=True)
    with pytest.raises(ValueError, match="foreach=true needs a CUDA device"):
        LearningRates([used], Linear(), 4, CPU)


def test_optimizers_that_may_count_on_the_host_are_known():
    parameters = [torch.nn.Parameter(torch.zeros(2))]
    found = {
        kind: LearningRates([kind(parameters, lr=0.1)], Linear(), 4, CPU).keeps_nothing_on_host
        for kind in (torch.optim.Adam, torch.optim.SGD, torch.optim.Adagrad)
    }
    assert [*found.values()] == [True, True, False]
