"""The form in which a network computes: the same function, faster or slower."""

import torch
from torch import nn

from sngan.architecture.parts.resampling import ResamplingConvolution


def bring_into_form(
    network: nn.Module,
    device: torch.device,
    *,
    channels_last: bool,
    merged_resampling: bool,
    compiled: bool,
) -> None:
    """Bring a network to its device, in the form in which it is to compute.

    Args:
        network: Changed in place.
        device: Where.
        channels_last: Whether channels of convolutions are next to each other in memory.
        merged_resampling: See `sngan.architecture.parts.resampling`.
        compiled: Whether `torch.compile` translates it, when it is first used.
    """
    network.to(device)
    if channels_last:
        network.to(memory_format=torch.channels_last)
    for module in network.modules():
        if isinstance(module, ResamplingConvolution):
            module.merged = merged_resampling
    if compiled:
        network.compile(dynamic=False)
