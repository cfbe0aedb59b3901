"""Zip archives that end with a checksum of themselves, as their comment.

PyTorch writes zip archives. Each of their parts has a checksum, which PyTorch never looks at; and
not everything is a part: one wrong bit in an archive's directory makes it read a tensor of zeros.
So the checksum here is of every byte. It stands where readers of such archives expect a remark:
who does not know it reads the file as before.
"""

import os
import struct
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile

MARK = b"sngan sha256 "
DIGITS = 2 * sha256().digest_size
LENGTH = struct.Struct("<H")
"""Of the comment: the two bytes before it."""
BEGINNING = LENGTH.pack(len(MARK) + DIGITS) + MARK
NO_COMMENT = LENGTH.pack(0)


class SealedFile:
    """A file to which an archive is written from front to back, and then its checksum.

    If the file cannot take more, the rest is only counted: whoever is told that there is no room is
    told how much was needed.

    Args:
        file: Empty and seekable.

    Attributes:
        size: Bytes of the archive so far, whether they could be written or not.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.size = 0
        self._file = file
        self._digest = sha256()
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Take the next bytes; PyTorch calls it."""
        self.size += len(data)
        if self._error is None:
            self._digest.update(data)
            try:
                self._file.write(data)
            except OSError as error:
                self._error = error
        return len(data)

    def flush(self) -> None:
        """Do nothing yet; PyTorch asks for it."""

    def seal(self) -> None:
        """Add the checksum and bring everything to the disk.

        Raises:
            OSError: If that failed, or a write before.
        """
        try:
            if self._error is not None:
                raise self._error
            self._file.seek(-LENGTH.size, os.SEEK_END)
            self._file.write(BEGINNING + self._digest.hexdigest().encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            said = f"{error.strerror} ({self.size / 1e6:.1f} MB are needed)"
            raise OSError(error.errno, said) from error


def damage(content: bytes, *, may_be_packed: bool = False) -> str | None:
    """Say what an archive is, unless it is whole: ``is truncated``, for instance.

    One without a checksum of ours, as others write it, is judged by those of its parts.

    Args:
        content: The whole file.
        may_be_packed: Whether its parts may unpack to more bytes than it has.
    """
    end = len(content) - len(BEGINNING) - DIGITS
    is_sealed = content[end : end + len(BEGINNING)] == BEGINNING
    if is_sealed:
        digest = sha256(memoryview(content)[:end])
        digest.update(NO_COMMENT)  # So it was when the checksum was made.
        if digest.hexdigest().encode() != content[-DIGITS:]:
            return "is damaged (its checksum is wrong)"
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            is_packed = size > len(content) or any(p.compress_type != ZIP_STORED for p in parts)
            if is_packed and not may_be_packed:
                return "is packed"
            comment = archive.comment[: len(MARK)]
            if comment and not is_sealed and MARK.startswith(comment):
                return "is truncated"  # Within its checksum.
            wrong = None if is_sealed else archive.testzip()
    except Exception:  # Of a damaged archive this can raise anything.
        return "is truncated"
    return None if wrong is None else f"is damaged (the checksum of its part {wrong} is wrong)"
