"""A run folder belongs to one process at a time, and is given back if nothing comes of it."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from sngan.run_folder.folder import RunFolder
from sngan.run_folder.metrics import read_metrics
from sngan.system.files import read_json, write_json
from sngan.system.interruption import cleaned

LOCK = ".lock"

_MADE: dict[Path, list[Path]] = {}  # By folder, what was made for it: it and its parents.


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
    with suppress(FileExistsError):
        make(folder)
    lock = _lock(folder)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise FolderInUseError(f"{folder} is in use by {_holder(folder)}") from None
    try:
        if lock.lock_counter > 1:
            yield
            return
        folder.discard_halves()
        with cleaned(lambda: _note(folder).unlink(missing_ok=True)):
            write_json(_note(folder), _ourselves(), indent=None)
            yield
    finally:
        lock.release()


def _ourselves() -> dict[str, object]:
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "program": Path(sys.argv[0]).name,
        "since": datetime.now().isoformat(sep=" ", timespec="seconds"),
    }


def holder_of(folder: RunFolder) -> dict[str, object]:
    """Return what the process has noted of itself that holds a folder, or was killed in it."""
    return read_json(_note(folder), dict) or {}


def _holder(folder: RunFolder) -> str:
    found = holder_of(folder)
    if not found:  # It holds the lock, and has not written yet who it is.
        return "another process"
    about = {key: found.get(key, "?") for key in _ourselves()}
    return "process {process} on {host} ({program}) since {since}".format(**about)


@contextmanager
def no_empty_folder(folder: RunFolder) -> Iterator[None]:
    """Take back a run's folder, if the run ends before it has written its configuration."""
    was_empty = not folder.path.is_dir() or not any(folder.path.iterdir())
    with cleaned(partial(give_back, folder)) if was_empty else nullcontext():
        yield


def make(folder: RunFolder) -> None:
    """Make a folder that is not there, and remember those made around it, to be given back.

    Raises:
        OSError: If it cannot be made, or is there.
    """
    path = folder.path.absolute()
    missing = [part for part in (path, *path.parents) if not part.exists()]
    path.mkdir(parents=True)
    _MADE[path] = missing


def give_back(folder: RunFolder, *, begun: bool = False) -> None:
    """Remove the folder of a run that has come to nothing, unless another process holds it.

    Args:
        folder: It; need not exist.
        begun: Remove it also where it says what is to be trained, if nothing is trained yet.
    """
    ours = {folder.log, _note(folder), folder.path / LOCK}
    if begun and not read_metrics(folder.metrics):
        ours |= {folder.config, folder.environment, folder.trust, folder.metrics}
    if not folder.path.is_dir() or not set(folder.path.iterdir()) <= ours:
        return
    try:
        with _lock(folder).acquire(timeout=0), suppress(OSError):  # Something is put there now.
            for path in ours:
                path.unlink(missing_ok=True)
            for path in _MADE.pop(folder.path.absolute(), [folder.path]):
                path.rmdir()
    except Timeout:
        pass


def _lock(folder: RunFolder) -> BaseFileLock:
    return FileLock(folder.path / LOCK, is_singleton=True)


def _note(folder: RunFolder) -> Path:
    return folder.path / ".holder.json"
