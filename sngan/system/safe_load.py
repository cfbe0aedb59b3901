"""Tensors from files that may be broken or a stranger's: no code runs."""

import errno
import hashlib
import io
from pathlib import Path
from typing import Any

from sngan.system.sealed import damage

PIECE = 2**24  # Bytes.
ARCHIVE = b"PK\x03\x04"
"""How a zip archive begins."""


class DamagedError(ValueError):
    """The content of a file is not what was written."""


def load_tensors(path: Path, what: str) -> Any:  # noqa: ANN401 - files hold what they hold.
    """Read a file that ``torch.save`` wrote, to the CPU, under ``weights_only=True``.

    Args:
        path: The file.
        what: What it should be, for the error.

    Raises:
        OSError: If it cannot be read.
        DamagedError: If its content is cut short or damaged, or the disk is.
        ValueError: If it is of another kind.
    """
    import torch  # Slow to import; that a file is not there is said without it.

    try:
        content = path.read_bytes()
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
    # Very old versions of PyTorch wrote no archives; then there is nothing to compare with.
    wrong = damage(content) if content.startswith(ARCHIVE) else None
    if wrong is not None:
        raise DamagedError(f"{path} {wrong} or not {what}")
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # A damaged file can raise anything.
        raise DamagedError(f"{path} is truncated or not {what}") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
