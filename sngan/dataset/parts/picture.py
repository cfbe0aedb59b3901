"""Single files of pictures, read by PIL: to RGB, to a tensor.

As torchvision's ``default_loader`` and pytorch-fid read them: a file's content decides its format,
not its name; of several pictures in a file the first counts; transparency, colour profiles and tags
of orientation are dropped, but for TIFF, which PIL turns by itself. It differs where they would
spoil a picture, cutting pixels of more than 8 bits off at 255, or let it take all memory.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sngan.dataset.parts.budget import Budget

EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""What names of pictures end in, in lower case."""
FORMATS = ("JPEG", "PNG", "BMP", "DIB", "GIF", "PPM", "TIFF", "WEBP", "MPO", "AVIF", "JPEG2000")
"""What a file may be, whatever its name says. PIL knows more, and runs Ghostscript for some."""
MOST_PIXELS = 2**26
"""Of one picture, and of all that are decoded at a time: 67 million, 0.3 to 1.2 GB by kind."""
DECODING = Budget(MOST_PIXELS)

NOT_DECODABLE = "not decodable"
TOO_LARGE = f"more than {MOST_PIXELS:,} pixels"
FLOATING_POINT = "floating-point pixels, whose range no file says"
WIDE_INTEGERS = "32-bit or signed pixels, whose range no file says"

END_OF_JPEG = b"\xff\xd9"
BITS_PER_SAMPLE, PHOTOMETRIC, WHITE_IS_ZERO = 258, 262, 0  # Of TIFF.
NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # Windows has no pipes among its files.


class UnusablePictureError(ValueError):
    """There is no picture in a file, or one that cannot be used; the text says why."""


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open a file as far as its header: format, size and mode are known, nothing is decoded.

    Raises:
        UnusablePictureError: If it is not a picture, or not one that can be used.
    """
    with _file(path) as file:
        with _damage():
            picture = Image.open(file, formats=_formats())
            _require_usable(picture)
        yield picture


@contextmanager
def opened_bytes(content: bytes) -> Iterator[Image.Image]:
    """Open the content of a file; see `opened`."""
    with _damage():
        picture = Image.open(BytesIO(content), formats=_formats())
        _require_usable(picture)
    yield picture


def to_rgb(picture: Image.Image) -> Image.Image:
    """Decode a picture; see `decoded`."""
    return decoded(picture, 3)


def decoded(picture: Image.Image, channels: int) -> Image.Image:
    """Decode a picture, as RGB or grey; 16 bits become 8, transparency is dropped.

    Args:
        picture: Opened.
        channels: 3 for RGB, 1 for grey, which of a colour is its luma (ITU-R 601-2).

    Raises:
        UnusablePictureError: If it is truncated or damaged.
    """
    with _damage():
        if picture.mode.startswith("I"):
            picture = _upper_bits(picture)
        picture.load()
        mode = "RGB" if channels == 3 else "L"
        return picture if picture.mode == mode else picture.convert(mode)


def read_rgb(path: Path) -> Image.Image:
    """Read a file; see `to_rgb`.

    Raises:
        UnusablePictureError: If that cannot be done.
    """
    with opened(path) as picture, DECODING.taken(picture.width * picture.height):
        return to_rgb(picture)


def to_tensor(picture: Image.Image) -> Tensor:
    """Return a picture as ``(3, H, W)`` uint8 in ``0..255``, a grey one as ``(1, H, W)``."""
    values = torch.from_numpy(np.array(picture))
    return values.unsqueeze(0) if values.ndim == 2 else values.permute(2, 0, 1)


def look(path: Path) -> tuple[int, int]:
    """Return width and height of a picture whose file is whole, mostly without decoding it.

    PNG has checksums, and JPEG a mark at its end, which is lost first. A file that shows neither is
    decoded to see.

    Raises:
        UnusablePictureError: If `read_rgb` would.
    """
    with opened(path) as picture:
        if _seems_whole(picture, path):
            return picture.size
    return read_rgb(path).size


@contextmanager
def quiet() -> Iterator[None]:
    """Keep PIL's remarks about odd files from standard error. For the thread that waits."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\b")
        yield


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    """Return those of `FORMATS` that this PIL can read."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    with _damage():
        # A pipe, perhaps of later date than the listing, would let us wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | NO_WAITING | getattr(os, "O_BINARY", 0))
        file = os.fdopen(descriptor, "rb")
    with file:
        yield file


@contextmanager
def _damage() -> Iterator[None]:
    """Let whatever a broken file raises say that it cannot be used."""
    try:
        yield
    except UnusablePictureError:
        raise
    except Image.DecompressionBombError as error:
        raise UnusablePictureError(TOO_LARGE) from error
    except Exception as error:  # PIL raises anything: struct.error, KeyError, MemoryError ...
        of_system = error.strerror if isinstance(error, OSError) else None
        said = f"cannot be read ({of_system})" if of_system else NOT_DECODABLE
        raise UnusablePictureError(said) from error


def _require_usable(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise UnusablePictureError(TOO_LARGE)
    if picture.mode == "F":
        raise UnusablePictureError(FLOATING_POINT)
    if picture.mode == "I" and picture.format not in ("PNG", "PPM"):
        raise UnusablePictureError(WIDE_INTEGERS)  # Of those two PIL makes 16 bits.


def _upper_bits(picture: Image.Image) -> Image.Image:
    """Return the upper 8 bits of a grey picture of 16, as PIL does with those in colour."""
    tags = getattr(picture, "tag_v2", {})
    (bits,) = tags.get(BITS_PER_SAMPLE, (16,))
    grey = (np.asarray(picture) >> (bits - 8)).astype(np.uint8)
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:  # PIL minds this of 8 bits only.
        grey = 255 - grey
    return Image.fromarray(grey)


def _seems_whole(picture: Image.Image, path: Path) -> bool:
    if picture.format in ("JPEG", "MPO"):
        with path.open("rb") as file:
            file.seek(-len(END_OF_JPEG), os.SEEK_END)
            return file.read() == END_OF_JPEG
    if picture.format == "PNG":
        try:
            picture.verify()
        except Exception:  # As above. It may be usable all the same.
            return False
        return True
    return False
