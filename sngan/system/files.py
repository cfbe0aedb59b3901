"""Files that are written whole or not at all, and JSON that says whether it is as it was written.

A JSON object ends with a checksum of the rest, under the key ``checksum``. It is of the values, not
of the text: a file may be indented anew. Whoever changes a value by hand deletes that line; without
one, as older files are, a file is read as it is.
"""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import TypeVar

from sngan.system.interruption import cleaned
from sngan.system.safe_load import DamagedError

Kind = TypeVar("Kind", dict, list)

CHECKSUM = "checksum"
DIGITS = 16
NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
"""No room, for anybody or for this user or in one file; a broken disk; one that is read only."""


class WriteError(OSError):
    """A file could not be written; what was there before is whole.

    Args:
        said: The message.
        number: The system's, see `errno`.
    """

    def __init__(self, said: str, number: int | None) -> None:
        super().__init__(said)
        self.errno = number


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Let the errors of a disk name the file that was to be written.

    Raises:
        WriteError: Instead of them.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, WriteError) or error.errno not in NOT_WRITABLE:
            raise
        said = f"{path} could not be written: {error.strerror}"
        raise WriteError(said, error.errno) from error


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; it becomes ``path`` if nothing fails.

    A killed job leaves the old file or the new one, never a part; so does a power failure.

    Args:
        path: The file; its folder is made when missing.

    Yields:
        A name in the same folder.

    Raises:
        WriteError: If the disk does not take it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with cleaned(partial(_discard, temporary)), write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)


@contextmanager
def folder_written_whole(path: Path) -> Iterator[Path]:
    """Give a new folder to write to; it takes the place of ``path`` if nothing fails.

    Args:
        path: The folder; what it held is deleted in the end.

    Yields:
        A folder beside it.

    Raises:
        WriteError: If the disk does not take it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    before = path.with_name(f".{path.name}.{os.getpid()}.before")
    with cleaned(partial(_settle, path, temporary, before)), write_errors(path):
        temporary.mkdir(parents=True)
        yield temporary
        if path.exists():
            path.replace(before)
        temporary.replace(path)


def _settle(path: Path, temporary: Path, before: Path) -> None:
    """Leave one folder of three: the new one, or else the one that was there before."""
    if before.exists() and not path.exists():
        before.replace(path)
    for folder in (temporary, before):
        rmtree(folder, ignore_errors=True)


def _discard(path: Path) -> None:
    with suppress(OSError):  # Of a broken disk; what went wrong first is said.
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> Path:
    """Write a text, whole or not at all, and return the file."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def write_json(path: Path, content: object, indent: int | None = 1) -> Path:
    """Write plain values as JSON, whole or not at all, and return the file.

    An object gets a checksum. A list, to which people add, gets none.
    """
    if isinstance(content, dict):
        content = {**content, CHECKSUM: _checksum(content)}
    return write_text(path, json.dumps(content, indent=indent) + "\n")


def load_json(path: Path, kind: type[Kind]) -> Kind:
    """Read a JSON file, or say what is wrong with it.

    Args:
        path: The file.
        kind: What it must hold, ``dict`` or ``list``.

    Returns:
        Its content, without the checksum.

    Raises:
        OSError: If it cannot be read.
        DamagedError: If it is damaged or of another kind.
    """
    if not path.is_file():  # A pipe, for instance, would let us wait forever.
        raise FileNotFoundError(f"there is no file {path}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{path} is damaged: {error}") from error
    if not isinstance(content, kind):
        raise DamagedError(f"{path} is damaged: it holds no {kind.__name__}")
    if isinstance(content, dict) and content.pop(CHECKSUM, None) not in (None, _checksum(content)):
        raise DamagedError(
            f"{path} is damaged: its checksum is wrong (whoever has changed it deletes that line)"
        )
    return content


def read_json(path: Path, kind: type[Kind]) -> Kind | None:
    """Return what `load_json` does; None if the file is missing, damaged or of another kind."""
    try:
        return load_json(path, kind)
    except (OSError, ValueError):
        return None


def _checksum(content: dict[str, object]) -> str:
    """Return what stands for the values of a JSON object, in whatever order and form."""
    # As they will be read: a tuple comes back as a list, a number that is a key as a text.
    rest = json.loads(json.dumps({k: v for k, v in content.items() if k != CHECKSUM}))
    return sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:DIGITS]
