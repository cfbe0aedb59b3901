"""What somebody else's generator makes, looked at before it is scored."""

from torch import Tensor

BEYOND = 1e-3
"""Rounding may lead so far out of [-1, 1]; 0..255 is farther."""


def require_pictures(images: object, count: int, maker: str) -> Tensor:
    """Return pictures if there are as many as wanted, in [-1, 1].

    Args:
        images: What was made; NaN and infinity are left to who scores them.
        count: How many were asked for.
        maker: Whose they are, for the error.

    Raises:
        ValueError: If they are something else.
    """
    if not isinstance(images, Tensor) or not images.is_floating_point():
        kind = images.dtype if isinstance(images, Tensor) else type(images).__name__
        raise ValueError(f"{maker} must give a tensor of floats, got {kind}")
    shape = tuple(images.shape)
    is_square = images.ndim == 4 and shape[2] == shape[3] > 0
    if not is_square or shape[0] != count or shape[1] not in (1, 3):
        raise ValueError(
            f"{maker} must give pictures ({count}, 3, H, H) or ({count}, 1, H, H), got {shape}"
        )
    largest = images.nan_to_num(0, 0, 0).abs().max().item()
    if largest > 1 + BEYOND:
        raise ValueError(f"{maker} must give pictures in [-1, 1], got a value of {largest:.4g}")
    return images
