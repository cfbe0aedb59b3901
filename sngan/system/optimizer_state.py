"""The state of an optimizer out of a file that may be damaged or a stranger's.

PyTorch takes what it is given. A moment of another shape than its parameter then fails at the next
update, or worse: a fused kernel reads and writes beyond the memory that it has.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

SAID = "the checkpoint's optimizer must keep of a parameter"


class OptimizerState:
    """An optimizer's state, as it is kept in checkpoints.

    Args:
        optimizer: Built like the one whose state will be loaded.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer

    def state_dict(self) -> dict[str, Any]:
        """Return what PyTorch's does."""
        return self._optimizer.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken.

        Settings of PyTorch's optimizers stay as they were built. Others may keep among theirs what
        they have learned.

        Raises:
            ValueError: If it is not the state of such an optimizer of such parameters.
        """
        optimizer = self._optimizer
        if type(optimizer).__module__.startswith("torch.optim."):
            state = {**state, "param_groups": optimizer.state_dict()["param_groups"]}
        count = sum(len(group["params"]) for group in optimizer.param_groups)
        for number in state["state"]:
            if not 0 <= number < count:
                raise ValueError(f"the checkpoint's optimizer has a parameter {number}, of {count}")
        optimizer.load_state_dict(dict(state))
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if found := optimizer.state.get(parameter):
                    _bring_into_form(found, _after_a_step(optimizer, group, parameter))


def _after_a_step(
    optimizer: Optimizer, group: Mapping[str, Any], parameter: Tensor
) -> dict[str, Any] | None:
    """Return what an optimizer keeps of a parameter; None for one that cannot be tried out."""
    example = torch.zeros_like(parameter, requires_grad=True)
    example.grad = torch.zeros_like(parameter)
    try:
        kind: Any = type(optimizer)  # Each takes other arguments; a group brings all of them.
        other = kind([{**group, "params": [example]}])
        other.step()
    except Exception:  # Of another package, which the user trusts; it may want anything.
        return None
    return dict(other.state[example])


def _bring_into_form(found: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """Bring tensors into the memory that is expected of them, or raise ValueError."""
    if expected is None:
        return
    if found.keys() != expected.keys():
        raise ValueError(f"{SAID} {', '.join(expected)}, got {', '.join(found)}")
    for name, like in expected.items():
        value = found[name]
        if not isinstance(like, Tensor):
            if type(value) is not type(like):
                raise ValueError(f"{SAID} {name} like {like}, got a {type(value).__name__}")
        elif not isinstance(value, Tensor) or value.shape != like.shape:
            shape = tuple(value.shape) if isinstance(value, Tensor) else "no tensor"
            raise ValueError(f"{SAID} {name} of shape {tuple(like.shape)}, got {shape}")
        else:
            found[name] = like.copy_(value)
