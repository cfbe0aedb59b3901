"""Which checkpoint a path means."""

from dataclasses import dataclass
from pathlib import Path

from sngan.run_folder.folder import RunFolder


@dataclass(frozen=True)
class Choice:
    """A checkpoint that a path meant.

    Attributes:
        path: The checkpoint.
        remark: Which one of its run it is, to be said behind its name; empty if it was named.
    """

    path: Path
    remark: str


def latest(path: Path) -> Path:
    """Return the checkpoint that a path means.

    Args:
        path: A checkpoint, or a run folder, whose newest one is meant.

    Raises:
        FileNotFoundError: If there is none.
    """
    if path.is_file():
        return path
    found = RunFolder(path).checkpoints
    if not found:
        raise FileNotFoundError(f"{path} is neither a checkpoint nor a run folder with one")
    return found[-1]


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
    run = RunFolder(path)
    found = run.best()
    if best and found is None:
        raise FileNotFoundError(
            f"{path} has no best checkpoint: it was not scored while it trained (monitor=[scores])"
        )
    if found is None:
        return Choice(newest, "")
    if best:
        return Choice(run.checkpoint(found.step), f" (the best: {found})")
    return Choice(newest, f" (the newest; the best: {found}, --best scores it)")


def run_of(checkpoint: Path) -> RunFolder | None:
    """Return the run folder that a checkpoint lies in; None if it lies by itself."""
    run = RunFolder(checkpoint.parent.parent)
    return run if checkpoint.parent.name == "checkpoints" and run.is_run else None
