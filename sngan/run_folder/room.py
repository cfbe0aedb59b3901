"""Whether the checkpoints of a run will fit onto its disk."""

import shutil
from pathlib import Path
from typing import IO, Any, cast

from sngan.run_folder.folder import RunFolder


def checkpoint_size(state: dict[str, Any]) -> int:
    """Return how many bytes a checkpoint takes, by writing one to nowhere.

    Args:
        state: What goes into it. Optimizers have all of theirs from the first iteration on.
    """
    import torch

    counter = _Counter()
    torch.save(state, cast("IO[bytes]", counter))
    return counter.size


def lack_of_room(
    folder: RunFolder,
    size: int,
    steps_left: int,
    checkpoint_every: int,
    keep_checkpoints: int | None,
    keeps_best: bool = False,
) -> str | None:
    """Say that there is not enough room for the checkpoints that a run is going to keep.

    Args:
        folder: Of the run; need not exist.
        size: Bytes of a checkpoint.
        steps_left: Iterations to come.
        checkpoint_every: Iterations.
        keep_checkpoints: Newest ones to keep; None keeps all.
        keeps_best: Whether the best one is kept besides.

    Returns:
        A message; None if there is enough.
    """
    found = folder.checkpoints
    count = len(found) + -(-steps_left // checkpoint_every)
    # A new one is there before an old one goes.
    besides = 1 + keeps_best
    if keep_checkpoints is not None:
        count = min(count, keep_checkpoints + besides)
    free = shutil.disk_usage(_existing(folder.path)).free
    available = free + sum(path.stat().st_size for path in found)
    if count * size <= available:
        return None
    said = (
        f"{folder} needs {_amount(count * size)} for {count} checkpoints of {_amount(size)}, its "
        f"disk has room for {_amount(available)}"
    )
    fitting = available // size - besides
    return f"{said}; keep_checkpoints={fitting} would fit" if fitting > 0 else said


class _Counter:
    """Counts what is written to it."""

    size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        pass


def _existing(path: Path) -> Path:
    """Return the innermost folder around a path that exists."""
    return next(folder for folder in [path, *path.absolute().parents] if folder.is_dir())


def _amount(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
