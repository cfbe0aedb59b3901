"""What float32 means on a CUDA device: itself, or TF32, whose products have 10 bits of mantissa.

PyTorch 2.9 brought switches in a tree, where a particular one follows the general one until it was
set itself, by whomever (``torch.backends.cudnn.flags`` does). So each is looked at here.
https://docs.pytorch.org/docs/stable/notes/cuda.html#tensorfloat-32-tf32-on-ampere-and-later-devices
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

Switches = list[tuple[Any, str, Any]]
"""Who holds each switch, its name and a value."""


def float32_switches() -> Switches:
    """Return the switches and their present values, from the general to the particular."""
    cudnn: Any = torch.backends.cudnn  # PyTorch makes up its attributes on the fly.
    matmul: Any = torch.backends.cuda.matmul
    mkldnn: Any = torch.backends.mkldnn
    if not hasattr(torch.backends, "fp32_precision"):  # Before torch 2.9; never mix the two.
        return [(owner, "allow_tf32", owner.allow_tf32) for owner in (cudnn, matmul)]
    general = (torch.backends, cudnn, cudnn.conv, cudnn.rnn, matmul)
    owners = (*general, mkldnn, mkldnn.conv, mkldnn.rnn, mkldnn.matmul)
    return [(owner, "fp32_precision", owner.fp32_precision) for owner in owners]


def restore(saved: Switches) -> None:
    """Set switches as they were.

    Only those that differ: a particular switch, once it is set, does not follow the general one any
    more, not even if it is set to the value that it has.
    """
    for owner, name, value in saved:
        if getattr(owner, name) != value:
            setattr(owner, name, value)


def use_exact_float32() -> None:
    """Switch TF32 off: float32 means float32, as in the authors' runs."""
    _use(allow_tf32=False, fp32_precision="ieee")


def set_float32_precision(precision: str, device: torch.device) -> None:
    """Choose what float32 means for the networks of a run.

    Args:
        precision: ``tf32`` for TF32; anything else for float32 itself.
        device: Where the run computes.

    Raises:
        ValueError: If TF32 is asked of another device than a CUDA device.
    """
    if precision != "tf32":
        use_exact_float32()
    elif device.type == "cuda":
        _use(allow_tf32=True, fp32_precision="tf32")
    else:
        raise ValueError(f"precision=tf32 needs a CUDA device, got device={device}")


@contextmanager
def exact_float32() -> Iterator[None]:
    """Switch TF32 off for a while: float32 means float32, as in every published score."""
    before = float32_switches()
    use_exact_float32()
    try:
        yield
    finally:
        restore(before)


@contextmanager
def unset_float32() -> Iterator[None]:
    """Take back for a while what was said of TF32: PyTorch's exporter stumbles over it.

    It reads the older of two interfaces, which raises once the newer one was used.
    """
    before = float32_switches()
    cudnn: Any = torch.backends.cudnn
    for owner, name, _ in before:  # PyTorch's own values.
        if name == "fp32_precision":
            restore([(owner, name, "tf32" if owner in (cudnn.conv, cudnn.rnn) else "none")])
    try:
        yield
    finally:
        restore(before)


def _use(**values: bool | str) -> None:
    """Set every switch to the value that is given for its name."""
    restore([(owner, name, values[name]) for owner, name, _ in float32_switches()])
