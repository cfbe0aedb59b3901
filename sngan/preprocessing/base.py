"""What a preprocessing promises."""

from abc import ABC, abstractmethod

from torch import Tensor


class Preprocessing(ABC):
    """A map from 8-bit pictures to what the discriminator reads, run on the device."""

    @abstractmethod
    def __call__(self, images: Tensor) -> Tensor:
        """Convert pictures.

        Args:
            images: Pictures, ``(N, C, H, W)`` uint8 in ``0..255``.

        Returns:
            Pictures, same shape, float32 in ``[-1, 1]``.
        """
