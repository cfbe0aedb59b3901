"""Several regularizers at once: ``'regularizer=[spectral_norm,gradient_penalty]'``."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sngan.architecture.base import Discriminator, Position
from sngan.regularizer.base import Judged, Regularizer


class Combined(Regularizer):
    """Each hook calls that of every part, in order; penalties add.

    Args:
        parts: At least one.
    """

    def __init__(self, parts: Sequence[Regularizer]) -> None:
        self.parts = parts
        self.differentiates_twice = any(part.differentiates_twice for part in parts)
        states = [part.state for part in parts if part.state is not None]
        self.state = nn.ModuleList(states) if states else None

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the layer wrapped by each part; the first is the innermost."""
        for part in self.parts:
            layer = part.wrap_layer(layer, position)
        return layer

    def prepare(self, discriminator: Discriminator) -> None:
        """Let every part act."""
        for part in self.parts:
            part.prepare(discriminator)

    def penalty(self, discriminator: Discriminator, judged: Judged) -> Tensor:
        """Return the sum of the parts' penalties, scalar."""
        penalties = [part.penalty(discriminator, judged) for part in self.parts]
        return torch.stack(penalties).sum()

    def after_step(self, discriminator: Discriminator) -> None:
        """Let every part act."""
        for part in self.parts:
            part.after_step(discriminator)
