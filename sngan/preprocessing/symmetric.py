"""Plain scaling, as the authors' chainer-gan-lib does for the standard CNN."""

from torch import Tensor

from sngan.preprocessing.base import Preprocessing


class Symmetric(Preprocessing):
    """Return ``2 x / 255 - 1``, with no noise."""

    def __call__(self, images: Tensor) -> Tensor:
        """See `Preprocessing.__call__`."""
        return images.float() / 127.5 - 1
