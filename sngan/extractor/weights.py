"""Weight files: found, checked by SHA-256, loaded without running code."""

import hashlib
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_weights(path: Path) -> dict[str, Tensor]:
    """Return the state dict in a file.

    Raises:
        ValueError: If the file is not one.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise ValueError(f"{path} is not a readable weights file") from error
