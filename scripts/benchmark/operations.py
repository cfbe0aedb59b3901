"""What an iteration asks of a machine: multiplications, memory traffic, operations to launch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from scripts.benchmark.race import Step

ALLOCATIONS = ("aten::empty", "aten::new_empty")  # They write nothing.


@dataclass(frozen=True)
class Demand:
    """What was counted in one iteration.

    Attributes:
        multiplications: Multiply-accumulates of convolutions and matrix products, forward and
            backward, by their definition: algorithms such as Winograd's need fewer.
        traffic: Bytes, if every operation reads its inputs and writes its results once. Fused
            operations and caches need fewer.
        operations: PyTorch operations that compute or copy something; a launch each, about.
    """

    multiplications: int
    traffic: int
    operations: int


def demand_of(step: Step) -> Demand:
    """Count one eager iteration; it is really run."""
    with FlopCounterMode(display=False) as products, _Counter() as counter:
        step()
    return Demand(products.get_total_flops() // 2, counter.traffic, counter.operations)


class _Counter(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.traffic = 0
        self.operations = 0

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        result = func(*args, **(kwargs or {}))
        if not func.is_view and not func.name().startswith(ALLOCATIONS):
            self.operations += 1
            self.traffic += _bytes((args, kwargs, result))
        return result


def _bytes(values: object) -> int:
    tensors = (leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor))
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
