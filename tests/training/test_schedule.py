import pytest
import torch

from sngan.training.schedule import LinearDecay

CPU = torch.device("cpu")


def optimizer(lr=2.0):
    return torch.optim.Adam([torch.nn.Parameter(torch.zeros(2))], lr)


def rates(start, total_steps, steps, first=0):
    """The rates before each of some iterations."""
    used = optimizer()
    schedule = LinearDecay([used], start, total_steps, CPU)
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
    schedule = LinearDecay(used, 0, 2, CPU)
    schedule.step()
    assert [x.param_groups[0]["lr"].item() for x in used] == [1, 2]


def test_loaded_optimizers_get_their_rates_again():
    used = optimizer()
    schedule = LinearDecay([used], 0, 4, CPU)
    used.load_state_dict(optimizer(7.0).state_dict())
    schedule.resume(1)
    schedule.step()
    assert used.param_groups[0]["lr"].item() == 1


def test_a_rate_moves_the_parameters():
    used = optimizer()
    (parameter,) = used.param_groups[0]["params"]
    schedule = LinearDecay([used], 0, 2, CPU)
    moved = []
    for _ in range(3):
        before = parameter.detach().clone()
        parameter.grad = torch.ones(2)
        used.step()
        moved.append((before - parameter.detach()).mean().item())
        schedule.step()
    assert moved == pytest.approx([2, 1, 0], abs=1e-6)


@pytest.mark.parametrize("start", [-0.1, 1, "half", [0.5], {}, False, float("nan")])
def test_start_outside_the_run(start):
    with pytest.raises(ValueError, match=r"^start must be a number >= 0 and < 1 or null, got"):
        LinearDecay([optimizer()], start, 4, CPU)


def test_counters_from_another_device_come_to_the_parameters():
    """A checkpoint of a CPU run has them on the CPU."""
    used = optimizer()
    (parameter,) = used.param_groups[0]["params"]
    parameter.grad = torch.ones(2)
    used.step()
    on_meta = torch.optim.Adam([torch.nn.Parameter(torch.zeros(2, device="meta"))])
    on_meta.state[on_meta.param_groups[0]["params"][0]] = used.state[parameter]
    schedule = LinearDecay([on_meta], None, 4, CPU)
    schedule.resume(1)
    assert {state["step"].device.type for state in on_meta.state.values()} == {"meta"}


def test_a_way_to_compute_that_wants_numbers_is_refused():
    used = torch.optim.Adam([torch.nn.Parameter(torch.zeros(2))], foreach=True)
    with pytest.raises(ValueError, match="foreach=true needs a CUDA device"):
        LinearDecay([used], None, 4, CPU)


def test_optimizers_that_may_count_on_the_host_are_known():
    parameters = [torch.nn.Parameter(torch.zeros(2))]
    found = {
        kind: LinearDecay([kind(parameters, lr=0.1)], None, 4, CPU).keeps_nothing_on_host
        for kind in (torch.optim.Adam, torch.optim.SGD, torch.optim.Adagrad)
    }
    assert [*found.values()] == [True, True, False]
