"""PyTorch's global switches of speed and precision, kept apart for each contestant.

Programs that share a process would otherwise share these: ours train with TF32 off, while others
leave PyTorch's defaults, under which convolutions on CUDA use TF32; and ours keep freed memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from sngan.system.allocator import ALLOCATOR

Switches = list[tuple[Any, str, Any]]


def switches() -> Switches:
    """Return who holds each switch, its name and its present value."""
    cudnn: Any = torch.backends.cudnn  # PyTorch makes up its attributes on the fly.
    matmul: Any = torch.backends.cuda.matmul
    found = [(cudnn, name, getattr(cudnn, name)) for name in ("benchmark", "deterministic")]
    found.append((ALLOCATOR, "keeps_freed", ALLOCATOR.keeps_freed))
    if not hasattr(torch.backends, "fp32_precision"):  # Before torch 2.9; never mix the two.
        return [*found, *((owner, "allow_tf32", owner.allow_tf32) for owner in (cudnn, matmul))]
    mkldnn: Any = torch.backends.mkldnn
    # From the general to the particular: setting the general one changes the others.
    owners = (torch.backends, cudnn, cudnn.conv, matmul, mkldnn, mkldnn.conv, mkldnn.matmul)
    return [*found, *((owner, "fp32_precision", owner.fp32_precision) for owner in owners)]


def restore(saved: Switches) -> None:
    """Set the switches as they were.

    Only those that differ: a particular switch, once it is set, does not follow the general one any
    more, not even if it is set to the value that it has.
    """
    for owner, name, value in saved:
        if getattr(owner, name) != value:
            setattr(owner, name, value)


@contextmanager
def kept_switches() -> Iterator[None]:
    """Undo at the end whatever is switched inside."""
    before = switches()
    try:
        yield
    finally:
        restore(before)


def use_tf32_products() -> None:
    """Let matrix products of float32 on CUDA use TF32."""
    matmul: Any = torch.backends.cuda.matmul
    if hasattr(torch.backends, "fp32_precision"):
        matmul.fp32_precision = "tf32"
    else:
        matmul.allow_tf32 = True
