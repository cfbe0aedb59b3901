"""A discriminator as one fixed function: its layers keep the weights that pictures meet now."""

from copy import deepcopy

import torch

from sngan.analysis.spectrum import layer_weights
from sngan.architecture.base import Discriminator, weighted_layers
from sngan.regularizer.parts.normalized_layer import NormalizedLayer


@torch.no_grad()
def frozen(discriminator: Discriminator) -> Discriminator:
    """Return a copy in eval mode and float64, without anything that moves when it is called.

    Args:
        discriminator: Its power iterations may move by one round.
    """
    in_use = {layer.name: layer.in_use for layer in layer_weights(discriminator)}
    copy = deepcopy(discriminator).eval()
    copy._forward_pre_hooks.clear()  # Power iterations of all layers together.
    for name, layer in weighted_layers(copy).items():
        layer.weight.copy_(in_use[name].view_as(layer.weight))
    _without_normalized_layers(copy)
    return copy.double().requires_grad_(False)


def _without_normalized_layers(network: torch.nn.Module) -> None:
    for name, child in network.named_children():
        if isinstance(child, NormalizedLayer):
            setattr(network, name, child.layer)
        else:
            _without_normalized_layers(child)
