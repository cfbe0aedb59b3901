"""Pictures into files, each file or folder whole or not at all.

PIL and NumPy do it: torchvision, which has grids too, takes seconds to import.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile, ZipInfo

import numpy as np
import torch
from numpy.lib import format as npy
from PIL import Image
from torch import Tensor

from sngan.sampling.grid import PADDING, WHITE, Frame
from sngan.sampling.quantize import as_rgb
from sngan.system.files import folder_written_whole, written_whole


class Batch(NamedTuple):
    """Some pictures that follow each other.

    Attributes:
        images: ``(N, C, H, W)`` uint8 on the CPU, RGB or grey.
        labels: Their classes, ``(N,)`` int64, if there are any.
    """

    images: Tensor
    labels: Tensor | None


def write_grid(path: Path, images: Tensor, columns: int) -> None:
    """Write pictures into one PNG.

    Args:
        path: The file; its folder is made when missing.
        images: See `grid_of`.
        columns: See `grid_of`.
    """
    with written_whole(path) as temporary:
        _picture(grid_of(images, columns)).save(temporary, format="PNG")


def grid_of(images: Tensor, columns: int) -> Frame:
    """Return pictures row by row in one.

    Args:
        images: ``(N, C, H, W)`` uint8 on the CPU, RGB or grey.
        columns: How many stand in a row; the last one may be shorter.
    """
    count, _, height, width = images.shape
    columns = min(columns, count)
    down, across = height + PADDING, width + PADDING
    size = (-(-count // columns) * down + PADDING, columns * across + PADDING, images.shape[1])
    grid = np.full(size, WHITE, dtype=np.uint8)
    for number, picture in enumerate(_as_rows(images)):
        top, left = (number // columns) * down + PADDING, (number % columns) * across + PADDING
        grid[top : top + height, left : left + width] = picture
    return grid


def write_folder(path: Path, batches: Iterable[Batch], digits: int) -> None:
    """Write each picture as a PNG, named after its number, into a folder of their own.

    Args:
        path: The folder; one that is there is replaced.
        batches: The pictures.
        digits: Of a number.
    """
    with folder_written_whole(path) as temporary:
        for number, picture in enumerate(_one_by_one(batches)):
            _picture(picture).save(temporary / f"{number:0{digits}}.png")


def write_array(path: Path, batches: Iterable[Batch], count: int) -> None:
    """Write pictures as an ``.npz`` that programs for FID read.

    Args:
        path: The file; its folder is made when missing.
        batches: The pictures: they become ``arr_0``, ``(count, H, W, 3)`` uint8, also
            grey ones, which those programs do not read otherwise, and their
            classes ``arr_1``, ``(count,)`` int64, if there are any.
        count: How many they are.
    """
    labels: list[Tensor] = []
    with written_whole(path) as temporary, ZipFile(temporary, "w") as archive:
        with archive.open(ZipInfo("arr_0.npy"), "w", force_zip64=True) as part:
            for number, batch in enumerate(batches):
                rows = _as_rows(as_rgb(batch.images))
                if not number:
                    shape = (count, *rows.shape[1:])
                    about = {"descr": "|u1", "fortran_order": False, "shape": shape}
                    npy.write_array_header_1_0(part, about)
                part.write(rows.tobytes())
                labels += [] if batch.labels is None else [batch.labels]
        if labels:
            with archive.open(ZipInfo("arr_1.npy"), "w") as part:
                npy.write_array(part, torch.cat(labels).numpy())


def _as_rows(images: Tensor) -> Frame:
    """Return pictures as files hold them, ``(N, H, W, C)``."""
    return images.permute(0, 2, 3, 1).contiguous().numpy()


def _picture(rows: Frame) -> Image.Image:
    return Image.fromarray(rows[..., 0] if rows.shape[-1] == 1 else rows)


def _one_by_one(batches: Iterable[Batch]) -> Iterator[Frame]:
    for batch in batches:
        yield from _as_rows(batch.images)
