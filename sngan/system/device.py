"""Where to compute, and how exactly."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

try:
    import resource
except ModuleNotFoundError:  # Windows.
    resource = None  # type: ignore[assignment]


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


def free_memory(device: torch.device) -> int | None:
    """Return the free memory of a CUDA device in bytes; None on the CPU."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None


def peak_memory(device: torch.device) -> int | None:
    """Return the most memory this process has held so far, in bytes.

    On a CUDA device that of the device, as reserved by PyTorch; on the CPU that of the process,
    None where the system does not count it.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux counts in KiB.


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


@contextmanager
def unset_float32() -> Iterator[None]:
    """Take back for a while what was said of TF32: PyTorch's exporter stumbles over it.

    It reads the older of two interfaces, which raises once the newer one was used.
    """
    if not hasattr(torch.backends, "fp32_precision"):
        yield
        return
    before = torch.backends.fp32_precision
    torch.backends.fp32_precision = "none"
    try:
        yield
    finally:
        torch.backends.fp32_precision = before


def use_exact_float32() -> None:
    """Switch TF32 off: float32 means float32, as in the authors' runs."""
    _use_tf32(False)


def set_float32_precision(precision: str, device: torch.device) -> None:
    """Choose what float32 means for the networks of a run.

    Args:
        precision: ``tf32`` for products of 10 bits of mantissa; anything else for float32 itself.
        device: Where the run computes.

    Raises:
        ValueError: If TF32 is asked of another device than a CUDA device.
    """
    if precision == "tf32" and device.type != "cuda":
        raise ValueError(f"precision=tf32 needs a CUDA device, got device={device}")
    _use_tf32(precision == "tf32")


def _use_tf32(enabled: bool) -> None:
    for owner, name, value in _float32_settings():
        exact, fast = ("ieee", "tf32") if isinstance(value, str) else (False, True)
        setattr(owner, name, fast if enabled else exact)


def _float32_settings() -> list[tuple[object, str, object]]:
    """Return who holds the settings, their names and values."""
    if hasattr(torch.backends, "fp32_precision"):  # Convolutions and products together.
        return [(torch.backends, "fp32_precision", torch.backends.fp32_precision)]
    # Before torch 2.9. The two interfaces must not be mixed.
    owners = (torch.backends.cudnn, torch.backends.cuda.matmul)
    return [(owner, "allow_tf32", owner.allow_tf32) for owner in owners]
