import copy

import pytest
import torch
from torch import optim

from sngan.system.optimizer_state import OptimizerState


def trained(kind=optim.Adam, steps=3, seed=0, **settings):
    """Two parameters, one in channels-last form, after some updates; and their optimizer."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randn(3, 2, generator=generator)
    kernel = torch.randn(4, 3, 2, 2, generator=generator).to(memory_format=torch.channels_last)
    parameters = [x.requires_grad_() for x in (matrix, kernel)]
    optimizer = kind(parameters, lr=torch.tensor(0.1), **settings)
    update(parameters, optimizer, steps)
    return parameters, optimizer


def update(parameters, optimizer, steps=1):
    for _ in range(steps):
        for parameter in parameters:
            parameter.grad = parameter.detach().clone()
        optimizer.step()


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (optim.Adam, {"fused": True}),
        (optim.Adam, {"amsgrad": True}),
        (optim.AdamW, {"foreach": False}),
        (optim.SGD, {"momentum": 0.9}),
        (optim.SGD, {}),
        (optim.RMSprop, {"centered": True}),
        (optim.Adafactor, {}),
    ],
)
def test_it_goes_on_bit_for_bit(kind, settings):
    parameters, optimizer = trained(kind, **settings)
    state = copy.deepcopy(OptimizerState(optimizer).state_dict())
    others, other = trained(kind, 0, **settings)
    with torch.no_grad():
        for mine, yours in zip(others, parameters, strict=True):
            mine.copy_(yours)
    OptimizerState(other).load_state_dict(state)
    for _ in range(2):
        for each in ((parameters, optimizer), (others, other)):
            update(*each)
    assert all(map(torch.equal, parameters, others))
    assert all(map(torch.equal, parameters, trained(kind, 5, **settings)[0]))


def test_before_the_first_update_nothing_is_kept():
    _, optimizer = trained(steps=0)
    OptimizerState(optimizer).load_state_dict(optimizer.state_dict())
    assert not optimizer.state_dict()["state"]


def test_settings_stay_as_they_were_built():
    _, optimizer = trained(betas=(0.5, 0.9))
    state = optimizer.state_dict()
    state["param_groups"][0] |= {"betas": "nonsense", "lr": None, "fused": True}
    _, other = trained(betas=(0.5, 0.9))
    OptimizerState(other).load_state_dict(state)
    (group,) = other.param_groups
    assert (group["betas"], group["lr"], group["fused"]) == ((0.5, 0.9), 0.1, None)


class Learning(optim.SGD):
    """Keeps among its settings what it has learned, and cannot be built from them."""

    def __init__(self, params, lr, *, more):
        super().__init__(params, lr, momentum=0.5)
        self.param_groups[0]["learned"] = more


def test_others_may_keep_among_their_settings_what_they_have_learned():
    _, optimizer = trained(Learning, more=1)
    _, other = trained(Learning, more=2)
    OptimizerState(other).load_state_dict(optimizer.state_dict())
    assert other.param_groups[0]["learned"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda s: s[1].update(exp_avg=torch.zeros(2)),
            r"exp_avg of shape \(4, 3, 2, 2\), got \(2",
        ),
        (lambda s: s[0].update(step=torch.zeros(3)), r"step of shape \(\), got \(3,\)"),
        (lambda s: s[0].update(exp_avg=1.0), r"exp_avg of shape \(3, 2\), got no tensor"),
        (lambda s: s[0].pop("exp_avg"), "step, exp_avg, exp_avg_sq, got step, exp_avg_sq"),
        (lambda s: s[1].update(more=torch.zeros(2)), "got step, exp_avg, exp_avg_sq, more"),
        (lambda s: s.update({2: s[0]}), "has a parameter 2, of 2"),
        (lambda s: s.update({-1: s[0]}), "has a parameter -1, of 2"),
    ],
)
def test_what_would_make_a_fused_kernel_leave_its_memory(change, said):
    _, optimizer = trained(fused=True)
    state = copy.deepcopy(optimizer.state_dict())
    change(state["state"])
    _, other = trained(fused=True)
    with pytest.raises(ValueError, match=said):
        OptimizerState(other).load_state_dict(state)


def test_one_number_cannot_stand_for_many():
    parameters, optimizer = trained(fused=True)
    state = copy.deepcopy(optimizer.state_dict())
    state["state"][1]["exp_avg"] = torch.zeros(1).expand(4, 3, 2, 2)
    OptimizerState(optimizer).load_state_dict(state)
    moment = optimizer.state[parameters[1]]["exp_avg"]
    assert moment.stride() == parameters[1].stride()
    assert moment.untyped_storage().nbytes() == 4 * moment.numel()
