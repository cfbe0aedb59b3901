"""Pictures on disk as one flat file of bytes, made once and mapped into memory afterwards."""

import json
import logging
import math
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import torch
from filelock import FileLock
from torch import Tensor

from sngan.system.files import write_errors
from sngan.system.interruption import cleaned
from sngan.system.require import SettingError
from sngan.system.safe_load import sha256_of

logger = logging.getLogger(__name__)

IMAGES = "images.uint8"
LABELS = "labels.int64"
DATA = (IMAGES, LABELS)
DESCRIPTION = "cache.json"

Chunk = tuple[Tensor, Tensor]
"""Pictures, ``(n, channels, S, S)`` uint8, and their labels, ``(n,)`` int64."""


def cached(
    folder: Path,
    description: Mapping[str, object],
    build: Callable[[], Iterable[Chunk]],
    image_size: int,
    *,
    channels: int = 3,
    verify: bool = True,
) -> Chunk:
    """Return the pictures of a cache; make it first if it is missing, damaged or of other content.

    It is written under another name and renamed when whole, so that a half-written one is never
    found; one process makes it while others wait. The chunks are written as they come: memory
    holds one at a time.

    Args:
        folder: Where the cache is.
        description: JSON-able; what decides the content. Another description makes it anew.
        build: Yields the content.
        image_size: Side of the pictures in pixels.
        channels: 3 for RGB pictures, 1 for grey ones.
        verify: Whether to compare the pictures' checksum, which reads them all once. Sizes and the
            labels' checksum always are.

    Returns:
        Pictures, ``(N, channels, image_size, image_size)`` uint8, mapped from the file, and labels.

    Raises:
        ValueError: If the content turns out to be empty, or the folder holds something else.
    """
    grey = {"channels": channels} if channels != 3 else {}  # Older copies say nothing of colour.
    description = json.loads(json.dumps({**description, **grey, "image_size": image_size}))
    if _problem(folder, description, verify):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            problem = _problem(folder, description, verify)  # Another may have made it meanwhile.
            if problem:
                logger.info("making %s: %s", folder, problem)
                _write(folder, description, build)
    count = json.loads((folder / DESCRIPTION).read_text())["count"]
    return _mapped(folder, count, (channels, image_size, image_size))


def _problem(folder: Path, description: Mapping[str, object], verify: bool) -> str | None:
    """Say why a cache cannot be used, if it cannot."""
    try:
        if not all((folder / name).is_file() for name in (*DATA, DESCRIPTION)):
            return "it is not there, or not whole"
        found = json.loads((folder / DESCRIPTION).read_text())
        content, count, sizes = (found[key] for key in ("content", "count", "bytes"))
        of_images, of_labels = found["sha256"]
        sizes_now = [(folder / name).stat().st_size for name in DATA]
        values = content["image_size"] ** 2 * content.get("channels", 3)
        is_counted = type(count) is int and sizes == _sizes(count, values)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return "it is not there, or not whole"
    if content != description:
        return "it was made from other pictures or with other settings"
    if sizes_now != sizes or not is_counted:
        return "its files are not of the size they had"
    if sha256_of(folder / LABELS) != of_labels or (
        verify and sha256_of(folder / IMAGES) != of_images
    ):
        return "its checksum is wrong"
    return None


def _write(
    folder: Path, description: Mapping[str, object], build: Callable[[], Iterable[Chunk]]
) -> None:
    """Write a cache in place of the old one; under its lock, so what is left over is a wreck."""
    foreign = sorted({path.name for path in folder.glob("*")} - {*DATA, DESCRIPTION})
    if foreign:
        raise SettingError("cache", f"needs {folder}, but that holds something else ({foreign[0]})")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # Before the building looks how much room there is.
    chunks = build()
    partial.mkdir()
    with cleaned(lambda: shutil.rmtree(partial, ignore_errors=True)):
        with write_errors(folder):
            found = _write_chunks(partial, chunks)
        (partial / DESCRIPTION).write_text(json.dumps({"content": description, **found}, indent=2))
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)


def _write_chunks(folder: Path, chunks: Iterable[Chunk]) -> dict[str, object]:
    """Write the two data files and return what is to be known of them."""
    count, values = 0, 0
    digests = [sha256() for _ in DATA]
    with (folder / IMAGES).open("wb") as images, (folder / LABELS).open("wb") as labels:
        for some_images, some_labels in chunks:
            pieces = (some_images.contiguous().numpy(), some_labels.numpy().astype("<i8"))
            for file, digest, piece in zip((images, labels), digests, pieces, strict=True):
                file.write(piece.data)
                digest.update(piece.data)
            count += len(some_images)
            values = some_images[0].numel()
        for file in (images, labels):
            file.flush()
            os.fsync(file.fileno())
    if not count:
        raise ValueError(f"there are no pictures to put into {folder}")
    return {
        "count": count,
        "bytes": _sizes(count, values),
        "sha256": [digest.hexdigest() for digest in digests],
    }


def _sizes(count: int, values: int) -> list[int]:
    """Return the sizes of both data files in bytes; a picture has so many values."""
    return [count * values, count * 8]


def _mapped(folder: Path, count: int, shape: tuple[int, int, int]) -> Chunk:
    size = count * math.prod(shape)
    images = torch.from_file(str(folder / IMAGES), shared=False, size=size, dtype=torch.uint8)
    labels = torch.from_file(str(folder / LABELS), shared=False, size=count, dtype=torch.int64)
    return images.view(count, *shape), labels.clone()
