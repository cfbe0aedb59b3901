"""Checkpoints: tensors and plain values only, written whole or not at all, loaded without code.

Finding one does not import PyTorch, so that a mistyped path is answered at once.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sngan.atomic import written_whole
from sngan.safe_load import load_tensors

FORMAT = 1
BEST = "best.json"
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


@dataclass(frozen=True)
class Best:
    """The checkpoint of a run at which something was smallest.

    Attributes:
        step: Its completed iterations.
        name: What was measured.
        value: The smallest so far.
    """

    step: int
    name: str
    value: float

    def __str__(self) -> str:
        return f"{self.name} {self.value:.3f} at step {self.step}"

    def write(self, folder: Path) -> None:
        """Note it in the run folder."""
        with written_whole(folder / BEST) as temporary:
            temporary.write_text(json.dumps(asdict(self)) + "\n")


@dataclass(frozen=True)
class Choice:
    """A checkpoint that a path meant.

    Attributes:
        path: The checkpoint.
        remark: Which one of its run it is, to be said behind its name; empty if it was named.
    """

    path: Path
    remark: str


def choose(path: Path, *, best: bool) -> Choice:
    """Return the checkpoint to score.

    Args:
        path: A checkpoint, or a run folder.
        best: Of a run folder, the best one instead of the newest.

    Raises:
        FileNotFoundError: If there is none, or none was found best.
        ValueError: If ``best`` comes with a checkpoint.
    """
    if path.is_file() and best:
        raise ValueError(f"--best chooses a checkpoint of a run folder, got the checkpoint {path}")
    newest = latest(path)
    if path.is_file():
        return Choice(path, "")
    found = find_best(path)
    if best and found is None:
        raise FileNotFoundError(
            f"{path} has no best checkpoint: it was not scored while it trained (monitor=[scores])"
        )
    if found is None:
        return Choice(newest, "")
    if best:
        return Choice(path_for(path, found.step), f" (the best: {found})")
    return Choice(newest, f" (the newest; the best: {found}, --best scores it)")


def find_best(folder: Path) -> Best | None:
    """Return what is noted as the best checkpoint of a run folder, if it is there."""
    try:
        found = json.loads((folder / BEST).read_text())
        best = Best(int(found["step"]), str(found["name"]), float(found["value"]))
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return best if path_for(folder, best.step).exists() else None


def discard_after(folder: Path, step: int) -> None:
    """Delete the checkpoints of a run folder beyond a step: a resumed run makes them again."""
    for path in (folder / "checkpoints").glob("step_*.pt"):
        if path.name > path_for(folder, step).name:
            path.unlink()


def prune(folder: Path, keep: int | None, best: Best | None = None) -> None:
    """Delete all but the newest checkpoints of a run folder, and the best; None keeps all."""
    if keep is None:
        return
    spared = None if best is None else path_for(folder, best.step)
    for path in sorted((folder / "checkpoints").glob("step_*.pt"))[:-keep]:
        if path != spared:
            path.unlink()
