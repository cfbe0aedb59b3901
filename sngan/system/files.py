"""Files that are written whole or not at all, and JSON that is read or counts as missing."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Kind = TypeVar("Kind", dict, list)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; it becomes ``path`` if nothing fails.

    A killed job leaves the old file or the new one, never a part.

    Args:
        path: The file; its folder is made when missing.

    Yields:
        A name in the same folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> Path:
    """Write a text, whole or not at all, and return the file."""
    with written_whole(path) as temporary:
        temporary.write_text(text)
    return path


def write_json(path: Path, content: object, indent: int | None = 1) -> Path:
    """Write plain values as JSON, whole or not at all, and return the file."""
    return write_text(path, json.dumps(content, indent=indent) + "\n")


def read_json(path: Path, kind: type[Kind]) -> Kind | None:
    """Read a JSON file.

    Args:
        path: The file.
        kind: What it must hold, ``dict`` or ``list``.

    Returns:
        Its content; None if it is missing, damaged or of another kind.
    """
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, kind) else None
