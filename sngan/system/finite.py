"""Whether all numbers of a state are numbers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor


def first_not_finite(state: object) -> str | None:
    """Return the name of the first tensor in a state that holds NaN or infinity.

    Waits for the device, once.

    Args:
        state: Tensors in dicts, lists and tuples, as in a checkpoint; other values do not count.

    Returns:
        As ``iteration.generator.dense.weight``; None if all numbers are finite.
    """
    together: defaultdict[torch.device, list[tuple[int, str, Tensor]]] = defaultdict(list)
    for place, (name, tensor) in enumerate(_tensors(state)):
        if tensor.is_floating_point() and tensor.numel():
            together[tensor.device].append((place, name, tensor))
    wrong: list[tuple[int, str]] = []
    for entries in together.values():
        # Both ends are finite if and only if all is: NaN is the least and the greatest of any set.
        ends = torch.stack([end for *_, tensor in entries for end in tensor.detach().aminmax()])
        finite = ends.view(-1, 2).isfinite().all(1).tolist()  # (tensors,)
        wrong += [entry[:2] for entry, good in zip(entries, finite, strict=True) if not good]
    return min(wrong)[1] if wrong else None


def _tensors(node: object, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """Yield every tensor with its name."""
    if isinstance(node, Tensor):
        yield name, node
    elif isinstance(node, Mapping | list | tuple):
        for key, value in node.items() if isinstance(node, Mapping) else enumerate(node):
            yield from _tensors(value, f"{name}.{key}" if name else str(key))
