"""Single pictures as PIL reads them: to RGB, scaled, cropped, to a tensor.

What torchvision's functions of these names do, bit for bit. Importing torchvision for them would
import ``torch._dynamo``, too, and cost as much time as importing PyTorch itself.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""What names of pictures end in, in lower case."""


def read_rgb(path: Path) -> Image.Image:
    """Read a file; grey becomes RGB, transparency is dropped.

    Raises:
        OSError: If it cannot be read, or is not a picture. PIL raises SyntaxError, ValueError and
            DecompressionBombError, too.
    """
    with path.open("rb") as file:
        return Image.open(file).convert("RGB")


def resize(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Scale (bilinear, antialiased)."""
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.BILINEAR)


def resize_shorter_side(picture: Image.Image, size: int) -> Image.Image:
    """Scale so that the shorter side has ``size`` pixels; the longer one is rounded down."""
    width, height = picture.size
    if width <= height:
        return resize(picture, size, size * height // width)
    return resize(picture, size * width // height, size)


def center_crop(picture: Image.Image, size: int) -> Image.Image:
    """Cut a square out of the middle of a picture that is no smaller."""
    left, top = (round((side - size) / 2) for side in picture.size)
    return picture.crop((left, top, left + size, top + size))


def to_tensor(picture: Image.Image) -> Tensor:
    """Return an RGB picture as ``(3, H, W)`` uint8 in ``0..255``."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)
