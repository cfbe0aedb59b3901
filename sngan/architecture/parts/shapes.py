"""What size every layer of a discriminator has to do with."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import nn

from sngan.architecture.base import Discriminator, weighted_layers


@torch.no_grad()
def input_shapes(discriminator: Discriminator) -> dict[str, torch.Size]:
    """Return the shape of one input of every layer, by name.

    Args:
        discriminator: Stays as it is.
    """
    # Of a copy, so that no vector moves on and nothing is compiled.
    copy = deepcopy(discriminator).eval()
    shapes: dict[str, torch.Size] = {}
    for name, layer in weighted_layers(copy).items():
        layer.register_forward_pre_hook(_noting(name, shapes))
    some = next(copy.parameters())
    side, channels = copy.image_size, copy.image_channels
    labels = None if copy.n_classes is None else some.new_zeros(1, dtype=torch.int64)
    copy(some.new_zeros(1, channels, side, side), labels)
    return shapes


def _noting(
    name: str, shapes: dict[str, torch.Size]
) -> Callable[[nn.Module, tuple[torch.Tensor, ...]], None]:
    def note(_layer: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        shapes[name] = inputs[0].shape[1:]

    return note
