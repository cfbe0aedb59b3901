"""One update of one network: the gradient of its loss, and a step of its optimizer."""

from collections.abc import Callable, Iterator
from itertools import repeat

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

Part = tuple[Tensor | None, ...]
"""Tensors of a batch, or of a part of it; None where there are no labels."""


class Descent:
    """An update on a batch, in parts that fit into memory.

    The gradient is the mean over the parts, which is that of the whole batch as far as a loss is a
    mean over pictures. What depends on more than one picture at a time sees a part: the statistics
    of batch norm are those of a part, and spectral norm's ``u`` moves once for each.

    Args:
        parts: Into how many equal parts each batch is split.
        max_norm: Length that a network's gradient may have, all parameters together; a longer one
            is shortened. None for any.
    """

    def __init__(self, parts: int = 1, max_norm: float | None = None) -> None:
        self.parts = parts
        self.max_norm = max_norm

    def __call__(
        self,
        optimizer: Optimizer,
        losses: Callable[..., tuple[Tensor, ...]],
        *batch: Tensor | None,
    ) -> list[Tensor]:
        """Update once.

        Args:
            optimizer: Holds the parameters that move.
            losses: Gives terms of the loss on a part of the batch, each a scalar.
            batch: Tensors of the same pictures, or None.

        Returns:
            Each term's mean over the parts, without a gradient.
        """
        # Freed, not zeroed: the first gradient then takes its place without an addition.
        optimizer.zero_grad(set_to_none=True)
        terms = [self._backward(losses(*part)) for part in self.split(*batch)]
        if self.max_norm is not None:
            parameters = [x for group in optimizer.param_groups for x in group["params"]]
            clip_grad_norm_(parameters, self.max_norm)  # On the device: it asks for no number.
        optimizer.step()
        return [mean(values) for values in zip(*terms, strict=True)]

    def split(self, *batch: Tensor | None) -> Iterator[Part]:
        """Return the parts of a batch, in order."""
        return zip(
            *[repeat(None, self.parts) if x is None else x.chunk(self.parts) for x in batch],
            strict=True,
        )

    def _backward(self, terms: tuple[Tensor, ...]) -> list[Tensor]:
        loss = sum(terms[1:], start=terms[0])
        (loss if self.parts == 1 else loss / self.parts).backward()
        return [term.detach() for term in terms]


def mean(values: tuple[Tensor, ...]) -> Tensor:
    """Return the mean of some scalars; of one, itself."""
    return values[0] if len(values) == 1 else torch.stack(values).mean()
