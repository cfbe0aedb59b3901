"""Pictures of any size, made square: the shorter side is scaled, the middle is cut out."""

from PIL.Image import Image

from sngan.dataset.parts.geometry import center_crop, resize_shorter_side
from sngan.dataset.parts.picture import MOST_PIXELS, UnusablePictureError

TOO_LONG = f"so long that it would have more than {MOST_PIXELS:,} pixels when scaled"


def weigh(width: int, height: int, size: int) -> int:
    """Return how many pixels a picture has at its largest while it is made square.

    Raises:
        UnusablePictureError: If it is too long; nothing is too small.
    """
    scaled = size**2 * max(width, height) // min(width, height)
    if scaled > MOST_PIXELS:
        raise UnusablePictureError(TOO_LONG)
    return max(scaled, width * height)


def fit(picture: Image, size: int) -> Image:
    """Return a picture scaled so that its shorter side fits, cropped at the centre."""
    return center_crop(resize_shorter_side(picture, size), size)
