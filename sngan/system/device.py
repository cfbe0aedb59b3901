"""Where to compute."""

import sys

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
