"""Of which kind a value out of a checkpoint is; it can be anything, of any size and depth."""

from math import isfinite
from typing import Any

MOST = 100_000
"""Values in a configuration. Ours have about a hundred."""
DEEPEST = 32
LARGEST = 2**63
EXTRA_STATE = "_extra_state"
"""Under such a name modules keep what is no tensor; PyTorch's word."""


def is_integer(value: object, least: int = 0) -> bool:
    """Tell whether a value is an integer from a limit on that fits into 64 bits."""
    return type(value) is int and least <= value < LARGEST


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number."""
    if type(value) is int:
        return abs(value) < LARGEST
    return type(value) is float and isfinite(value)


def is_plain(value: object) -> bool:
    """Tell whether a value is what JSON has, neither too large nor too deep."""
    level = [value]
    # Level by level: what refers to itself has no end, and what is shared is met again and again.
    for _ in range(DEEPEST):
        below: list[Any] = []
        for node in level:
            if type(node) is dict and all(type(key) is str for key in node):
                below += node.values()
            elif type(node) is list:
                below += node
            elif type(node) not in (str, int, float, bool, type(None)):
                return False
            if len(below) > MOST:
                return False
        level = below
    return not level


def is_settings(value: object) -> bool:
    """Tell whether a value is a configuration or a part of one."""
    return type(value) is dict and is_plain(value)


def are_names(value: object) -> bool:
    """Tell whether a value is a list of printable names."""
    return type(value) is list and all(type(name) is str and name.isprintable() for name in value)


def is_component(value: object) -> bool:
    """Tell whether a value describes an object to be built."""
    return type(value) is dict and type(value.get("_target_")) is str


def are_components(value: object) -> bool:
    """Tell whether a value describes several, by name."""
    return type(value) is dict and all(map(is_component, value.values()))


def is_best(value: object) -> bool:
    """Tell whether a value says which checkpoint is the best, or that there is none."""
    if type(value) is not dict:
        return value is None
    is_named = value.keys() == {"step", "name", "value"} and type(value["name"]) is str
    return is_named and is_integer(value["step"]) and is_number(value["value"])


def is_tensor(value: object, dtype: str = "", dimensions: int | None = None) -> bool:
    """Tell whether a value is a tensor that holds its numbers and nothing else."""
    import torch

    return (
        isinstance(value, torch.Tensor)
        and value.layout == torch.strided
        and not (value.is_nested or value.is_meta or value.is_quantized or value.requires_grad)
        # One number can stand for any count of them.
        and value.nbytes <= value.untyped_storage().nbytes()
        and dtype in ("", str(value.dtype).removeprefix("torch."))
        and dimensions in (None, value.dim())
    )


def are_weights(value: object) -> bool:
    """Tell whether a value is the state of a module."""
    return isinstance(value, dict) and all(
        type(name) is str and (is_tensor(entry) or name.endswith(EXTRA_STATE))
        for name, entry in value.items()
    )


def is_optimizer(value: object) -> bool:
    """Tell whether a value is the state of an optimizer."""
    if type(value) is not dict or value.keys() != {"state", "param_groups"}:
        return False
    state, groups = value["state"], value["param_groups"]
    return (
        type(state) is dict
        and type(groups) is list
        and all(is_integer(number) and _are_entries(entry) for number, entry in state.items())
        and all(_are_entries(group) and type(group.get("params")) is list for group in groups)
        and all(is_integer(number) for group in groups for number in group["params"])
    )


def _are_entries(value: object) -> bool:
    """Tell whether a value holds tensors and plain values by name, and pairs of them: betas."""
    return type(value) is dict and all(
        type(name) is str and all(map(_is_entry, entry if type(entry) is tuple else [entry]))
        for name, entry in value.items()
    )


def _is_entry(value: object) -> bool:
    return is_tensor(value) or is_plain(value)


def are_batches(value: object) -> bool:
    """Tell whether a value is the state of `sngan.step.batches.Batches`."""
    if type(value) is not dict or not is_integer(value.get("pictures"), 1):
        return False
    upcoming: Any = value.get("upcoming")
    if not is_tensor(upcoming, "int64", 1):
        return False
    return not len(upcoming) or 0 <= int(upcoming.min()) <= int(upcoming.max()) < value["pictures"]


def is_average(value: object) -> bool:
    """Tell whether a value is the state of `sngan.average.base.Average`."""
    if type(value) is not dict or not is_tensor(value.get("updates"), "int64", 0):
        return False
    return are_weights(value.get("generator"))


def are_losses(value: object) -> bool:
    """Tell whether a value is the state of `sngan.training.meters.LossMeans`."""
    sums, count = (value.get(x) for x in ("sums", "count")) if type(value) is dict else (None, None)
    return is_tensor(sums, "float32", 1) and is_tensor(count, "int64", 0)


def are_random_states(value: object) -> bool:
    """Tell whether a value is the state of `sngan.system.random_state.RandomState`."""
    if type(value) is not dict or "cpu" not in value:
        return False
    return all(is_tensor(state, "uint8", 1) for state in value.values())
