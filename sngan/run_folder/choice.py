"""Which checkpoint a path means."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sngan.run_folder.checkpoint import damage_of, whole_before
from sngan.run_folder.exported import is_weights, weights_in
from sngan.run_folder.folder import RunFolder
from sngan.system.declared import check

logger = logging.getLogger(__name__)

IfDamaged = Literal["refuse", "previous"]
"""What to do where a checkpoint is damaged: say so, or take the newest whole one before it."""
REMEDY = "; if_damaged=previous takes it"
"""To be said with that one's name, by whoever has this setting."""


@dataclass(frozen=True)
class Choice:
    """A checkpoint that a path meant.

    Attributes:
        path: The checkpoint.
        remark: Which one of its run it is, to be said behind its name; empty if it was named.
    """

    path: Path
    remark: str


def latest(path: Path, if_damaged: str = "refuse") -> Path:
    """Return the checkpoint that a path means, or the weights of an export.

    Args:
        path: A checkpoint, a run folder, whose newest one is meant, or an export.
        if_damaged: See `IfDamaged`. ``refuse`` leaves it to who loads the file.

    Raises:
        FileNotFoundError: If there is none, or none that is whole.
    """
    check("if_damaged", IfDamaged, if_damaged)
    weights = path if path.is_file() and is_weights(path) else weights_in(path)
    if weights is not None:
        return weights
    found = [path] if path.is_file() else RunFolder(path).checkpoints
    if not found and RunFolder(path).is_run:
        raise FileNotFoundError(
            f"{path} holds a run without a checkpoint; the command that began it begins it anew"
        )
    if not found:
        raise FileNotFoundError(f"{path} is neither a checkpoint nor a run folder with one")
    wrong = damage_of(found[-1]) if if_damaged == "previous" else None
    if wrong is None:
        return found[-1]
    whole = whole_before(found[-1])
    if whole is None:
        raise FileNotFoundError(f"{found[-1]} {wrong}, and no checkpoint before it is whole")
    logger.warning("%s %s; taking %s instead", found[-1], wrong, whole.name)
    return whole


def choose(path: Path, *, best: bool, if_damaged: str = "refuse") -> Choice:
    """Return the checkpoint to score.

    Args:
        path: A checkpoint, or a run folder.
        best: Of a run folder, the best one instead of the newest.
        if_damaged: See `latest`; for the best there is no other.

    Raises:
        FileNotFoundError: If there is none, or none was found best.
        ValueError: If ``best`` comes with a checkpoint.
    """
    if path.is_file() and best:
        raise ValueError(f"--best chooses a checkpoint of a run folder, got the checkpoint {path}")
    newest = latest(path, "refuse" if best else if_damaged)
    if path.is_file():
        return Choice(newest, "")
    run = RunFolder(path)
    found = run.best()
    if best and found is None:
        raise FileNotFoundError(
            f"{path} has no best checkpoint: it was not scored while it trained, 'monitor=[scores]'"
        )
    if found is None:
        return Choice(newest, "")
    if best:
        return Choice(run.checkpoint(found.step), f" (the best: {found})")
    return Choice(newest, f" (the newest; the best: {found}, --best scores it)")


def name_of(checkpoint: Path) -> str:
    """Return what files made of a checkpoint are called after: run and step, or the export."""
    if is_weights(checkpoint):  # The file is perhaps a link into a cache; its folder has the name.
        return checkpoint.parent.resolve().name or checkpoint.stem
    run = run_of(checkpoint.absolute())
    return checkpoint.stem if run is None else f"{run.path.name}_{checkpoint.stem}"


def run_of(checkpoint: Path) -> RunFolder | None:
    """Return the run folder that a checkpoint lies in; None if it lies by itself."""
    run = RunFolder(checkpoint.parent.parent)
    return run if checkpoint.parent.name == "checkpoints" and run.is_run else None
