"""PyTorch's global switches of speed and precision, kept apart for each contestant.

Programs that share a process would otherwise share these: ours train with TF32 off, while others
leave PyTorch's defaults, under which convolutions on CUDA use TF32; and ours keep freed memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from sngan.system.allocator import ALLOCATOR
from sngan.system.float32 import Switches, float32_switches, restore


def switches() -> Switches:
    """Return who holds each switch, its name and its present value."""
    cudnn: Any = torch.backends.cudnn  # PyTorch makes up its attributes on the fly.
    found = [(cudnn, name, getattr(cudnn, name)) for name in ("benchmark", "deterministic")]
    return [*found, (ALLOCATOR, "keeps_freed", ALLOCATOR.keeps_freed), *float32_switches()]


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
