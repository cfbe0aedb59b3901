"""Where to compute, and how exactly."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def resolve_device(name: str) -> torch.device:
    """Return the device of a setting; ``auto`` is CUDA where there is one.

    Raises:
        ValueError: If the name is unknown or the device is not there.
    """
    if not isinstance(name, str):
        raise ValueError(f"device must be auto, cpu, cuda or cuda:N, got {name}")
    if name.partition(":")[0] not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device must be auto, cpu, cuda or cuda:N, got {name}")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device must be auto, cpu, cuda or cuda:N, got {name} ({reason})"
        ) from error
    return device


@contextmanager
def exact_float32() -> Iterator[None]:
    """Switch TF32 off for a while: float32 means float32, as in every published score."""
    before = _float32_settings()
    use_exact_float32()
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def use_exact_float32() -> None:
    """Switch TF32 off: float32 means float32, as in the authors' runs."""
    for owner, name, value in _float32_settings():
        setattr(owner, name, "ieee" if isinstance(value, str) else False)


def _float32_settings() -> list[tuple[object, str, object]]:
    """Return who holds the settings, their names and values."""
    if hasattr(torch.backends, "fp32_precision"):  # Convolutions and products together.
        return [(torch.backends, "fp32_precision", torch.backends.fp32_precision)]
    # Before torch 2.9. The two interfaces must not be mixed.
    owners = (torch.backends.cudnn, torch.backends.cuda.matmul)
    return [(owner, "allow_tf32", owner.allow_tf32) for owner in owners]
