"""What an average of G's weights promises: it follows a training and changes nothing in it.

The paper has none. That G's weights move around what is good, and their mean lies nearer to it, is
the finding of Yazici et al., https://arxiv.org/abs/1806.04498.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from sngan.architecture.base import Generator


class Average(ABC):
    """A copy of G, each of whose numbers moves by a share of the way to that of G.

    Running means and variances of batch norm are averaged like weights, as in BigGAN
    (https://github.com/ajbrock/BigGAN-PyTorch/blob/98459431a5d618d644d54cd1e9fceb1e5045648d/utils.py):
    those of G belong to its last weights, and to first order the mean of the statistics is the
    statistic of the mean. StyleGAN3 copies them, but has no batch norm. Integers, as the count of
    batches, are copied.

    An update is part of what `sngan.training.capture` records: the same operations every time, and
    what changes is on the device. PyTorch's own ``AveragedModel`` asks the host at each whether it
    is the first.

    Args:
        generator: G, where it is trained and in the form in which it computes.

    Attributes:
        generator: The copy, in eval mode and as precise as G's weights.
        updates: How many there were, scalar int64.
    """

    def __init__(self, generator: Generator) -> None:
        self.generator = deepcopy(generator).eval().requires_grad_(False)
        self._averaged: defaultdict[torch.dtype, list[tuple[Tensor, Tensor]]] = defaultdict(list)
        self._copied: list[tuple[Tensor, Tensor]] = []
        for pair in zip(_numbers(self.generator), _numbers(generator), strict=True):
            dtype = pair[0].dtype
            (self._averaged[dtype] if dtype.is_floating_point else self._copied).append(pair)
        device = next(generator.parameters()).device
        self.updates = torch.zeros((), dtype=torch.int64, device=device)

    @abstractmethod
    def share(self, updates: Tensor) -> Tensor:
        """Return how far the average moves towards G, scalar float64: 0 stays, 1 is at G.

        Args:
            updates: How many there were with this one, scalar int64, on the device.
        """

    @torch.no_grad()
    def update(self) -> None:
        """Take in what G is now; once an iteration, when it has ended."""
        self.updates += 1
        share = self.share(self.updates)
        for dtype, pairs in self._averaged.items():
            weight = share.to(dtype)
            for average, now in pairs:
                average.lerp_(now, weight)
        for copy, now in self._copied:
            copy.copy_(now)

    def state_dict(self) -> dict[str, Any]:
        """Return the averaged weights, under the names that G's have, and the count."""
        return {"generator": self.generator.state_dict(), "updates": self.updates}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        self.generator.load_state_dict(state["generator"])
        self.updates.copy_(state["updates"])


def _numbers(generator: Generator) -> Iterator[Tensor]:
    return chain(generator.parameters(), generator.buffers())
