"""Pictures of others: a folder of files, or an array of samples."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sngan.dataset.parts.picture import read_rgb, to_tensor
from sngan.dataset.parts.picture_listing import list_pictures
from sngan.scoring.reference import NAMES
from sngan.scoring.source import Fixed, Source
from sngan.system.safe_load import load_arrays

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
    return any({*names} <= load_arrays(path).keys() for names in NAMES)


class Folder(Source):
    """The pictures of a folder tree, sorted by name within sub-folders, read as they are needed.

    Args:
        root: The folder.

    Raises:
        ValueError: If there are none.
    """

    def __init__(self, root: Path) -> None:
        listing = list_pictures(root)
        self.name = str(root)
        self.files = [path for path, _ in listing.files]
        self.count = len(self.files)
        lossy = sum(path.suffix.lower() in LOSSY for path in self.files)
        if lossy:
            logger.warning(
                "%d of the %d pictures in %s are in a lossy format, which moves every score; "
                "save samples as PNG",
                lossy, self.count, root,
            )  # fmt: skip

    def __call__(self, index: Tensor) -> Tensor:
        """See `Source.__call__`.

        Raises:
            ValueError: If a file cannot be read, or its size is not that of the others.
        """
        files = [self.files[i] for i in index.tolist()]
        with ThreadPoolExecutor() as pool:
            images = list(pool.map(_read, files))
        first = _read(self.files[0])
        for path, image in zip(files, images, strict=True):
            if image.shape != first.shape:
                sizes = [f"{x.shape[2]} x {x.shape[1]}" for x in (image, first)]
                raise ValueError(
                    f"pictures to score must be of one size: {path} is {sizes[0]}, "
                    f"{self.files[0]} is {sizes[1]}"
                )
        return torch.stack(images)


def _read(path: Path) -> Tensor:
    try:
        return to_tensor(read_rgb(path))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} is not a picture that can be read") from error


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
    if array.dtype != np.uint8 or array.ndim != 4 or 3 not in (array.shape[1], array.shape[3]):
        raise ValueError(
            f"{name} must hold uint8 pictures (N, H, W, 3) or (N, 3, H, W), "
            f"got {array.dtype} {array.shape}"
        )
    images = torch.from_numpy(np.ascontiguousarray(array))
    return images.permute(0, 3, 1, 2).contiguous() if array.shape[3] == 3 else images


def _array(path: Path) -> Tensor:
    """Return the one array of a file, ``(N, 3, H, W)`` uint8."""
    found = [array for array in load_arrays(path).values() if array.ndim == 4]
    if len(found) != 1:
        raise ValueError(f"{path} must hold one array of pictures, got {len(found)}")
    return images_of(found[0], path)
