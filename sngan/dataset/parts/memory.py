"""Pictures gathered in memory, which holds them once."""

import torch
from torch import Tensor


def empty_pictures(count: int, size: int, advice: str = "", channels: int = 3) -> Tensor:
    """Return room for pictures, ``(count, channels, size, size)`` uint8, to be filled.

    What is never filled takes no memory on most systems.

    Args:
        count: How many.
        size: Side in pixels.
        advice: What to do if there is no room.
        channels: 3 for RGB pictures, 1 for grey ones.

    Raises:
        ValueError: If there is no room.
    """
    try:
        return torch.empty((count, channels, size, size), dtype=torch.uint8)
    except (RuntimeError, TypeError) as error:  # Of too little memory, and of too long a number.
        needed = f"{count * channels * size**2 / 1e9:,.1f} GB"
        raise ValueError(
            f"{count:,} pictures of {size} pixels need {needed} of memory, more than there is"
            f"{advice}"
        ) from error
