"""Pictures on disk as one flat file of bytes, made once and mapped into memory afterwards."""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor

from sngan.safe_load import sha256_of

logger = logging.getLogger(__name__)

IMAGES = "images.uint8"
LABELS = "labels.int64"
DESCRIPTION = "cache.json"

Chunk = tuple[Tensor, Tensor]
"""Pictures, ``(n, 3, S, S)`` uint8, and their labels, ``(n,)`` int64."""


def cached(
    folder: Path,
    description: Mapping[str, object],
    build: Callable[[], Iterable[Chunk]],
    image_size: int,
    *,
    verify: bool = True,
) -> Chunk:
    """Return the pictures of a cache; make it first if it is missing, damaged or of other content.

    It is written under another name and renamed when whole, so that a half-written one is never
    found. The chunks are written as they come: memory holds one at a time.

    Args:
        folder: Where the cache is.
        description: JSON-able; what decides the content. Another description makes it anew.
        build: Yields the content.
        image_size: Side of the pictures in pixels.
        verify: Whether to compare the checksum, which reads everything once. Sizes always are.

    Returns:
        Pictures, ``(N, 3, image_size, image_size)`` uint8, mapped from the file, and labels.

    Raises:
        ValueError: If the content turns out to be empty.
    """
    description = json.loads(json.dumps({**description, "image_size": image_size}))
    problem = _problem(folder, description, verify)
    if problem:
        logger.info("making %s: %s", folder, problem)
        _write(folder, description, build())
    count = json.loads((folder / DESCRIPTION).read_text())["count"]
    return _mapped(folder, count, image_size)


def _problem(folder: Path, description: Mapping[str, object], verify: bool) -> str | None:
    """Say why a cache cannot be used, if it cannot."""
    try:
        found = json.loads((folder / DESCRIPTION).read_text())
        content, sizes, checksum = (found[key] for key in ("content", "bytes", "sha256"))
        sizes_now = [(folder / name).stat().st_size for name in (IMAGES, LABELS)]
    except (OSError, ValueError, LookupError, TypeError):
        return "it is not there, or not whole"
    if content != description:
        return "it was made from other pictures or with other settings"
    if sizes_now != sizes:
        return "its files are not of the size they had"
    if verify and sha256_of(folder / IMAGES) != checksum:
        return "its checksum is wrong"
    return None


def _write(folder: Path, description: Mapping[str, object], chunks: Iterable[Chunk]) -> None:
    partial = folder.with_name(f".{folder.name}.partial.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        found = _write_chunks(partial, chunks)
        (partial / DESCRIPTION).write_text(json.dumps({"content": description, **found}, indent=2))
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_chunks(folder: Path, chunks: Iterable[Chunk]) -> dict[str, object]:
    """Write the two data files and return what is to be known of them."""
    digest = sha256()
    count = 0
    with (folder / IMAGES).open("wb") as images, (folder / LABELS).open("wb") as labels:
        for some_images, some_labels in chunks:
            data = some_images.contiguous().numpy().data
            images.write(data)
            digest.update(data)
            labels.write(some_labels.numpy().astype("<i8").data)
            count += len(some_images)
        sizes = [images.tell(), labels.tell()]
    if not count:
        raise ValueError(f"there are no pictures to put into {folder}")
    return {"count": count, "bytes": sizes, "sha256": digest.hexdigest()}


def _mapped(folder: Path, count: int, image_size: int) -> Chunk:
    shape = (count, 3, image_size, image_size)
    images = torch.from_file(
        str(folder / IMAGES), shared=False, size=count * 3 * image_size**2, dtype=torch.uint8
    )
    labels = torch.from_file(str(folder / LABELS), shared=False, size=count, dtype=torch.int64)
    return images.view(shape), labels.clone()
