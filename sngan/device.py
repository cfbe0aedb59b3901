"""Where to compute, and how exactly."""

import torch


def resolve_device(name: str) -> torch.device:
    """Return the device of a setting; ``auto`` is CUDA where there is one.

    Raises:
        ValueError: If the name is unknown or the device is not there.
    """
    if not isinstance(name, str):
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


def use_exact_float32() -> None:
    """Switch TF32 off: float32 means float32, as in the authors' runs and in every score."""
    if hasattr(torch.backends, "fp32_precision"):
        torch.backends.fp32_precision = "ieee"  # Convolutions and products together.
    else:  # Before torch 2.9. The two interfaces must not be mixed.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
