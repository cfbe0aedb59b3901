"""Checkpoints: tensors and plain values only, written whole or not at all, loaded without code."""

import os
from pathlib import Path
from typing import Any

import torch

from sngan.safe_load import load_tensors

FORMAT = 1
CONTENT = {"step": int, "seconds": float, "config": dict, "iteration": dict}
"""What every checkpoint holds at least."""


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint atomically: a killed job leaves the old file or the new one.

    Args:
        path: The file; its folder is made when missing.
        state: Tensors, numbers, strings, None, and dicts, lists and tuples of them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            torch.save({"format": FORMAT, **state}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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
    return state


def path_for(folder: Path, step: int) -> Path:
    """Return the name of a step's checkpoint in a run folder."""
    return folder / "checkpoints" / f"step_{step:07d}.pt"


def latest(path: Path) -> Path:
    """Return the checkpoint that a path means.

    Args:
        path: A checkpoint, or a run folder, whose newest one is meant.

    Raises:
        FileNotFoundError: If there is none.
    """
    if path.is_file():
        return path
    found = sorted((path / "checkpoints").glob("step_*.pt"))
    if not found:
        raise FileNotFoundError(f"{path} is neither a checkpoint nor a run folder with one")
    return found[-1]


def discard_after(folder: Path, step: int) -> None:
    """Delete the checkpoints of a run folder beyond a step: a resumed run makes them again."""
    for path in (folder / "checkpoints").glob("step_*.pt"):
        if path.name > path_for(folder, step).name:
            path.unlink()


def prune(folder: Path, keep: int | None) -> None:
    """Delete all but the newest checkpoints of a run folder; None keeps all."""
    if keep is not None:
        for path in sorted((folder / "checkpoints").glob("step_*.pt"))[:-keep]:
            path.unlink()
