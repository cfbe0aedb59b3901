"""A run folder belongs to one process at a time, and is given back if nothing comes of it."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from sngan.run_folder.folder import RunFolder
from sngan.system.files import read_json, write_json


class FolderInUseError(OSError):
    """Another process works in the folder."""


@contextmanager
def held(folder: RunFolder) -> Iterator[None]:
    """Hold a folder, so that nobody else trains into it; the system lets go of a killed one's.

    Within one process it may be held several times over.

    Args:
        folder: Made when missing.

    Raises:
        FolderInUseError: If another process holds it; says which, and since when.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.path / ".lock", is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise FolderInUseError(f"{folder} is in use by {_holder(folder)}") from None
    try:
        if lock.lock_counter == 1:
            write_json(_note(folder), _ourselves(), indent=None)
        yield
    finally:
        if lock.lock_counter == 1:
            _note(folder).unlink(missing_ok=True)
        lock.release()


def _ourselves() -> dict[str, object]:
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "program": Path(sys.argv[0]).name,
        "since": datetime.now().isoformat(sep=" ", timespec="seconds"),
    }


def _holder(folder: RunFolder) -> str:
    found = read_json(_note(folder), dict)
    if found is None:  # It holds the lock, and has not written yet who it is.
        return "another process"
    about = {key: found.get(key, "?") for key in _ourselves()}
    return "process {process} on {host} ({program}) since {since}".format(**about)


@contextmanager
def no_empty_folder(folder: RunFolder) -> Iterator[None]:
    """Take back a run's empty folder, if the run fails before it has written its configuration."""
    was_empty = not folder.path.is_dir() or not any(folder.path.iterdir())
    try:
        yield
    except FolderInUseError:
        raise  # It is another's, who has not written anything yet.
    except BaseException:
        if was_empty and not folder.is_run:
            for path in (folder.log, *folder.path.glob(".lock")):
                path.unlink(missing_ok=True)
            with suppress(OSError):  # Something else has been put there.
                folder.path.rmdir()
                if folder.path.parent.resolve() != Path.cwd():
                    folder.path.parent.rmdir()
        raise


def _note(folder: RunFolder) -> Path:
    return folder.path / ".holder.json"
