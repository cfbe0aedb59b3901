"""Checkpoints: tensors and plain values only, written whole or not at all, loaded without code."""

import os
from pathlib import Path
from typing import Any

from sngan.system.files import written_whole
from sngan.system.safe_load import load_tensors

FORMAT = 1
CONTENT = {"step": int, "seconds": float, "config": dict, "iteration": dict}
"""What every checkpoint holds at least."""
NETWORKS = ("generator", "discriminator")


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint atomically: a killed job leaves the old file or the new one.

    Args:
        path: The file; its folder is made when missing.
        state: Tensors, numbers, strings, None, and dicts, lists and tuples of them.
    """
    import torch

    with written_whole(path) as temporary, temporary.open("wb") as file:
        torch.save({"format": FORMAT, **state}, file)
        file.flush()
        os.fsync(file.fileno())


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint to the CPU under ``weights_only=True``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is truncated or not a checkpoint of ours.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    state = load_tensors(path, "a checkpoint")
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ValueError(f"{path} is not a checkpoint of this version of sngan (format {FORMAT})")
    for key, kind in CONTENT.items():
        if not isinstance(state.get(key), kind):
            raise ValueError(f"{path} is not a checkpoint of a run: it lacks {key}")
    for network in NETWORKS:
        if not isinstance(state["iteration"].get(network), dict):
            raise ValueError(f"{path} is not a checkpoint of a run: it lacks a {network}")
    return state
