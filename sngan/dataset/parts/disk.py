"""Is there room for what will be written? Asked before hours are spent on it."""

import shutil
from pathlib import Path

from sngan.system.printable import printable


class NoRoomError(OSError):
    """A disk has less room than will be needed."""


def require_room(folder: Path, size: int, what: str) -> None:
    """Raise if a disk has no room.

    Args:
        folder: Where it will be written; it may not be there yet.
        size: Bytes.
        what: What it is.

    Raises:
        NoRoomError: If there is less.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    free = shutil.disk_usage(there).free
    if free < size:
        raise NoRoomError(
            f"{what} needs {size / 1e9:,.2f} GB in {printable(folder)}, "
            f"where {free / 1e9:,.2f} GB are free"
        )
