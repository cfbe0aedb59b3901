"""What a feature extractor promises; a user's own class needs nothing but these members."""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor


class Features(NamedTuple):
    """What one forward pass yields.

    Attributes:
        pool: Features, ``(N, d)``; distances are measured between these.
        logits: Class logits, ``(N, classes)``, for the Inception score; None if there are none.
    """

    pool: Tensor
    logits: Tensor | None


class Extractor(Protocol):
    """A fixed network that describes pictures, in eval mode; called under ``inference_mode``.

    Attributes:
        name: What scores are named after.
        is_fid_inception: Whether scores may be called FID and Inception score.
        provenance: What decides the numbers, JSON-able: weights, their SHA-256, resizing.
    """

    name: str
    is_fid_inception: bool
    provenance: dict[str, str | int]

    def to(self, device: torch.device) -> object:
        """Move to a device in place."""

    def __call__(self, images: Tensor) -> Features:
        """Describe pictures.

        Args:
            images: ``(N, 3, H, W)`` uint8 in ``0..255``, at their native size.
        """


def require_uint8(images: Tensor) -> None:
    """Raise unless pictures are 8-bit, as real ones are: scores of anything else do not compare.

    Raises:
        ValueError: If the type or the shape is another.
    """
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(
            f"an extractor takes uint8 pictures (N, 3, H, W), "
            f"got {images.dtype} {tuple(images.shape)}"
        )
