"""A limit to the memory that building something may take, where a stranger's file says its size."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

NEW = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn}
"""What modules take their memory with. The system gives it once something is written there."""


class Allotment(TorchFunctionMode):
    """A context in which new tensors may take so many bytes together.

    Args:
        size: In bytes.
        said: What more than that means.
    """

    def __init__(self, size: int, said: str) -> None:
        super().__init__()
        self._left = size
        self._said = said

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - what the function returns.
        """Call a function of PyTorch's.

        Raises:
            ValueError: If that is too much.
        """
        result = function(*args, **(kwargs or {}))
        if function in NEW and isinstance(result, Tensor):
            self._left -= result.nbytes
            if self._left < 0:
                raise ValueError(self._said)
        return result
