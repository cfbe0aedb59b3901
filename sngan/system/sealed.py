"""Zip archives that end with a checksum of themselves, as their comment.

PyTorch and NumPy write zip archives. Each of their parts has a checksum, which PyTorch never looks
at; and not everything is a part: one wrong bit in an archive's directory makes PyTorch read a
tensor of zeros, and NumPy find fewer arrays. So the checksum here is of every byte. It stands where
readers of such archives expect a remark: who does not know it reads the file as before.
"""

import os
import struct
from hashlib import sha256
from io import BytesIO, UnsupportedOperation
from typing import BinaryIO
from zipfile import ZipFile

MARK = b"sngan sha256 "
DIGITS = 2 * sha256().digest_size
LENGTH = struct.Struct("<H")
"""Of the comment: the two bytes before it."""
BEGINNING = LENGTH.pack(len(MARK) + DIGITS) + MARK
NO_COMMENT = LENGTH.pack(0)
END_MARK = b"PK\x05\x06"
END = struct.Struct("<10xH8xH")
"""What closes an archive: how many parts it has, and the length of its comment."""
MANY = 2**16 - 1
"""Parts, or more, and another record says how many; or the longest comment."""
PIECE = 2**24  # Bytes.


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
        """Take the next bytes."""
        self.size += len(data)
        if self._error is None:
            self._digest.update(data)
            try:
                self._file.write(data)
            except OSError as error:
                self._error = error
        return len(data)

    def flush(self) -> None:
        """Do nothing yet."""

    def read(self, _size: int = -1) -> bytes:
        """Raise: it is to be written only. NumPy takes for a file what has this."""
        raise UnsupportedOperation("read")

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


def is_as_sealed(file: BinaryIO) -> bool | None:
    """Tell whether an archive is what it was when it got its checksum; None if it has none.

    Args:
        file: Open to be read, in pieces; afterwards it is anywhere.
    """
    end = file.seek(0, os.SEEK_END) - len(BEGINNING) - DIGITS
    if end < 0:
        return None
    file.seek(end)
    seal = file.read()
    if not seal.startswith(BEGINNING):
        return None
    file.seek(0)
    digest = sha256()
    for begin in range(0, end, PIECE):
        digest.update(file.read(min(PIECE, end - begin)))
    digest.update(NO_COMMENT)  # So it was when the checksum was made.
    return digest.hexdigest().encode() == seal[len(BEGINNING) :]


def damage(content: bytes) -> str | None:
    """Say what an archive of PyTorch's is, unless it is whole: ``is truncated``, for instance.

    One without a checksum of ours, as others write it, is judged by those of its parts.

    Args:
        content: The whole file.
    """
    file = BytesIO(content)
    is_sealed = is_as_sealed(file)
    if is_sealed is False:
        return "is damaged (its checksum is wrong)"
    try:
        with ZipFile(file) as archive:
            size = sum(part.file_size for part in archive.infolist())
            if size > len(content):
                return "is packed"  # It may unpack to anything. PyTorch does not pack.
            if is_sealed:
                return None
            if not has_all_parts(archive, file):
                return "is truncated"
            wrong = archive.testzip()
    except Exception:  # Of a damaged archive this can raise anything.
        return "is truncated"
    return None if wrong is None else f"is damaged (the checksum of its part {wrong} is wrong)"


def has_all_parts(archive: ZipFile, file: BinaryIO) -> bool:
    """Tell whether an archive's directory and comment are as long as its end says.

    A wrong bit in the length of an entry swallows those behind it, and ``ZipFile`` says nothing.

    Args:
        archive: Open.
        file: The same; afterwards it is anywhere.
    """
    file.seek(-min(file.seek(0, os.SEEK_END), END.size + MANY), os.SEEK_END)
    tail = file.read()
    count, comment = END.unpack_from(tail, tail.rfind(END_MARK))
    is_whole = count in (len(archive.infolist()), MANY)
    return is_whole and comment == len(archive.comment)
