"""Arrays of ``.npz`` files that may be broken or a stranger's: headers first, then what is wanted.

No code runs, and nothing is unpacked whose size is not known and bearable.
"""

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZipFile, ZipInfo

from sngan.system.printable import printable
from sngan.system.safe_load import DamagedError
from sngan.system.sealed import has_all_parts, is_as_sealed

if TYPE_CHECKING:
    import numpy as np

SUFFIX = ".npy"
BARE_ARRAY = b"\x93NUMPY"
HARMLESS = 2**30
"""So many bytes may come out of however few."""
MOST_TIMES = 100
"""More may be at most so many times the file; noise and pictures shrink by far less."""


@dataclass(frozen=True)
class Header:
    """What an array is, without its values.

    Attributes:
        shape: Its shape.
        dtype: Type of its elements.
        size: Bytes of all of them.
    """

    shape: tuple[int, ...]
    dtype: "np.dtype[Any]"
    size: int


def read_headers(path: Path) -> dict[str, Header]:
    """Return what arrays a file holds, by name, without reading them.

    Raises:
        OSError: If it cannot be read.
        DamagedError: If it is damaged, or holds anything else.
    """
    with _opened(path) as archive:
        return {name: _header(archive, part) for name, part in _parts(archive).items()}


def names_in(path: Path) -> list[str]:
    """Return the names of the arrays in a file; nothing else is looked at.

    Raises:
        OSError: If it cannot be read.
        DamagedError: If it is damaged, or holds anything else.
    """
    with _opened(path) as archive:
        return [*_parts(archive)]


def load_arrays(
    path: Path, names: Collection[str] | None = None
) -> dict[str, "np.ndarray[Any, Any]"]:
    """Read arrays.

    Args:
        path: The file.
        names: Which, if they are there; None for all.

    Raises:
        OSError: If it cannot be read.
        DamagedError: If it is damaged, or holds anything but plain arrays.
        ValueError: If they would fill the memory.
    """
    import numpy as np

    with _opened(path) as archive:
        parts = {n: p for n, p in _parts(archive).items() if names is None or n in names}
        _require_bearable(sum(_header(archive, part).size for part in parts.values()), path)
        arrays = {}
        for name, part in parts.items():
            with archive.open(part) as stream:
                arrays[name] = np.lib.format.read_array(stream, allow_pickle=False)
        return arrays


class _TooLargeError(ValueError):
    """Is not about damage."""


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    if not path.is_file():  # A pipe, for instance, would let us wait forever.
        raise FileNotFoundError(f"there is no file {printable(path)}")
    with path.open("rb") as file:
        try:
            if is_as_sealed(file) is False:
                raise ValueError("its checksum is wrong")
            with ZipFile(file) as archive:
                if not has_all_parts(archive, file):
                    raise ValueError("parts of it are lost")
                yield archive
        except _TooLargeError:
            raise
        except Exception as error:  # A damaged file can raise anything.
            said = f"{printable(path)} is not an .npz file of plain arrays: {_reason(file, error)}"
            raise DamagedError(said) from error


def _reason(file: BinaryIO, error: Exception) -> str:
    file.seek(0)
    if file.read(len(BARE_ARRAY)) == BARE_ARRAY:
        return "it is one bare array, as np.save writes it; np.savez writes .npz"
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    return printable(str(error)) or type(error).__name__


def _parts(archive: ZipFile) -> dict[str, ZipInfo]:
    parts = {}
    for part in archive.infolist():
        if not part.filename.endswith(SUFFIX):
            raise ValueError(f"its part {part.filename} is no array")
        parts[part.filename.removesuffix(SUFFIX)] = part
    return parts


def _header(archive: ZipFile, part: ZipInfo) -> Header:
    """Read a header, and raise unless as many bytes follow as it says."""
    from numpy.lib import format as npy

    with archive.open(part) as stream:
        version = npy.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"its part {part.filename} is of version {version}")
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(stream)
        rest = part.file_size - stream.tell()
    if dtype.hasobject:
        raise ValueError(f"its part {part.filename} holds Python objects, which could run code")
    if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize != rest:
        raise ValueError(f"its part {part.filename} is not as long as its shape {shape} says")
    return Header(shape, dtype, rest)


def _require_bearable(size: int, path: Path) -> None:
    there = path.stat().st_size
    if size > HARMLESS and size > MOST_TIMES * there:
        raise _TooLargeError(
            f"{printable(path)} would unpack from {there / 1e6:,.1f} MB to {size / 1e9:,.1f} GB, "
            "like a file made to fill the memory; np.savez stores arrays as long as they are"
        )
    if size > _memory():
        raise _TooLargeError(
            f"{printable(path)} holds {size / 1e9:,.1f} GB, more than this machine has of memory"
        )


def _memory() -> int:
    """Return how many bytes of memory this machine has, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return sys.maxsize
