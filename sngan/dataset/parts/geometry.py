"""Sizes of single pictures: scaled and cropped as torchvision's functions of these names do.

Bit for bit; importing torchvision for them would import ``torch._dynamo``, too, and cost as much
time as importing PyTorch itself.
"""

from PIL import Image


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
