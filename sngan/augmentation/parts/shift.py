"""Picture elements from elsewhere in the same picture, as often differentiable as one likes."""

from torch import Tensor


def take(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return each picture's elements at some places, ``(N, C, H, W)``.

    Unlike ``grid_sample`` this has a second derivative.

    Args:
        images: ``(N, C, H, W)``.
        rows: Of the element that comes to each place, ``(N, H, W)`` int64, within the picture.
        columns: The same.
    """
    index = (rows * images.shape[3] + columns).flatten(1)[:, None]  # (N, 1, H * W)
    found = images.flatten(2).gather(2, index.expand(-1, images.shape[1], -1))
    return found.view_as(images)


def reflected(places: Tensor, size: int) -> Tensor:
    """Return places within a picture for those outside of it, which is mirrored at its last rows.

    Args:
        places: Numbers of rows or columns, int64.
        size: How many there are.
    """
    last = size - 1
    return last - (last - places.abs() % max(2 * last, 1)).abs()
