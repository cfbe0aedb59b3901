import pytest
import torch
from torch import nn

from sngan.system.states import States


class Odd:
    def __init__(self, error):
        self.error = error

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        raise self.error


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), TypeError("x"), AttributeError("x"), IndexError("x"), RuntimeError("x")],
)
def test_a_state_that_does_not_fit_is_named(error):
    with pytest.raises(ValueError, match=r"the checkpoint's state of mine does not fit: .*x"):
        States(mine=Odd(error)).load_state_dict({"mine": {}})


def test_what_a_part_says_of_it_stays():
    with pytest.raises(ValueError, match=r"^9 pictures$"):
        States(a=States(b=Odd(ValueError("9 pictures")))).load_state_dict({"a": {"b": {}}})
    with pytest.raises(KeyboardInterrupt):
        States(b=Odd(KeyboardInterrupt())).load_state_dict({"b": {}})


def test_weights_of_another_network():
    state = States(net=nn.Linear(3, 2)).state_dict()
    for odd in (state["net"] | {"weight": torch.zeros(1)}, state["net"] | {"more": None}, 3, None):
        with pytest.raises(ValueError, match="the checkpoint's state of net does not fit"):
            States(net=nn.Linear(3, 2)).load_state_dict({"net": odd})
