"""Pictures of others: a folder of files, or an array of samples."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sngan.dataset.parts.attempt import attempt
from sngan.dataset.parts.picture import UnusablePictureError, look, quiet, read_rgb, to_tensor
from sngan.dataset.parts.picture_listing import list_pictures
from sngan.scoring.reference import NAMES
from sngan.scoring.source import Fixed, Source
from sngan.system.npz import load_arrays, read_headers
from sngan.system.printable import printable

logger = logging.getLogger(__name__)

LOSSY = (".jpg", ".jpeg", ".webp")


def open_pictures(path: Path) -> Source:
    """Return the pictures of a folder or of an ``.npz`` file, at their own size.

    Args:
        path: A folder tree of pictures, or a file with one uint8 array, ``(N, H, W, 3)`` or
            ``(N, 3, H, W)``, of any name, and perhaps others, like labels, beside it.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If there are no pictures in it, or they are not 8-bit RGB.
    """
    if path.is_dir():
        return Folder(path)
    if path.suffix == ".npz" and path.is_file():
        return Fixed(_array(path), str(path))
    raise FileNotFoundError(f"pictures must be a folder or an .npz file, got {path}")


def is_statistics(path: Path) -> bool:
    """Tell whether an ``.npz`` file holds a mean and a covariance rather than pictures.

    Raises:
        ValueError: If it is not a file of plain arrays.
    """
    return any({*names} <= read_headers(path).keys() for names in NAMES)


class Folder(Source):
    """The pictures of a folder tree, sorted by name within sub-folders, read as they are needed.

    Args:
        root: The folder.

    Raises:
        ValueError: If there are none, one cannot be read, or they are not of one size.
    """

    def __init__(self, root: Path) -> None:
        listing = list_pictures(root)
        self.name = str(root)
        self.files = [path for path, _ in listing.files]
        self.count = len(self.files)
        _require_equal_sizes(self.files, f"looking at {printable(root)}")
        lossy = sum(path.suffix.lower() in LOSSY for path in self.files)
        if lossy:
            logger.warning(
                "%d of the %d pictures in %s are in a lossy format, which moves every score; "
                "save samples as PNG",
                lossy, self.count, printable(root),
            )  # fmt: skip

    def __call__(self, index: Tensor) -> Tensor:
        """See `Source.__call__`.

        Raises:
            ValueError: If a file is damaged where no look at it shows.
        """
        files = [self.files[i] for i in index.tolist()]
        with quiet(), ThreadPoolExecutor() as pool:
            return torch.stack(list(pool.map(_read, files)))


def _require_equal_sizes(files: Sequence[Path], description: str) -> None:
    """Look at all files, which takes seconds, before features are made of them, which takes hours.

    Raises:
        ValueError: If one cannot be read, or they are not of one size.
    """
    unusable: list[str] = []
    sizes: list[tuple[int, int]] = []
    looks = attempt(look, files, lambda *said: unusable.append(_unusable(*said)), description)
    for _, some in looks:
        sizes += some
    if unusable:
        others = f"; nor are {len(unusable) - 1} others" if len(unusable) > 1 else ""
        raise ValueError(unusable[0] + others)
    for path, size in zip(files, sizes, strict=True):
        if size != sizes[0]:
            (width, height), (first_width, first_height) = size, sizes[0]
            raise ValueError(
                f"pictures to score must be of one size: {printable(path)} is {width} x {height}, "
                f"{printable(files[0])} is {first_width} x {first_height}"
            )


def _read(path: Path) -> Tensor:
    try:
        return to_tensor(read_rgb(path))
    except UnusablePictureError as error:
        raise ValueError(_unusable(str(error), path)) from error


def _unusable(reason: str, path: Path) -> str:
    return f"{printable(path)} is not a picture that can be read: {reason}"


def images_of(array: "np.ndarray[Any, Any]", name: object) -> Tensor:
    """Return an array of pictures as they are scored.

    Args:
        array: uint8, ``(N, H, W, 3)`` or ``(N, 3, H, W)``.
        name: What messages call it.

    Returns:
        ``(N, 3, H, W)`` uint8.

    Raises:
        ValueError: If it is of another type or shape.
    """
    _require_pictures(array.dtype, array.shape, name)
    images = torch.from_numpy(np.ascontiguousarray(array))
    return images.permute(0, 3, 1, 2) if array.shape[3] == 3 else images


def _require_pictures(dtype: "np.dtype[Any]", shape: tuple[int, ...], name: object) -> None:
    if dtype != np.uint8 or len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise ValueError(
            f"{name} must hold uint8 pictures (N, H, W, 3) or (N, 3, H, W), got {dtype} {shape}"
        )
    if not all(shape):
        raise ValueError(f"{name} must hold pictures, got none: {shape}")


def _array(path: Path) -> Tensor:
    """Return the one array of a file, ``(N, 3, H, W)`` uint8; only that is read."""
    found = {n: header for n, header in read_headers(path).items() if len(header.shape) == 4}
    if len(found) != 1:
        raise ValueError(f"{path} must hold one array of pictures, got {len(found)}")
    ((name, header),) = found.items()
    _require_pictures(header.dtype, header.shape, path)
    return images_of(load_arrays(path, [name])[name], path)
