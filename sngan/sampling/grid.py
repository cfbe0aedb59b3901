"""Where samples lie in a grid of them; known without PyTorch, to whoever cuts pieces out."""

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
