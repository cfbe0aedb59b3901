"""Where samples lie in a grid of them; known without PyTorch, to whoever cuts pieces out."""

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Frame: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"
"""A picture as files hold it, ``(H, W, C)``, or several, ``(N, H, W, C)``."""
FilmFormat = Literal["gif", "webp", "mp4"]
WHITE = 255
COLUMNS = 10
"""Samples in a row."""
PADDING = 2
"""Pixels between samples, and around all of them."""


def pitch(width: int) -> int:
    """Return how many pixels a row or column of square samples takes, padding on one side included.

    Args:
        width: Of a grid with at least one full row.
    """
    return (width - PADDING) // COLUMNS
