"""Plain scaling, as the authors do for the standard CNN.

The paper (https://arxiv.org/abs/1802.05957) does not say how pictures are scaled. Authors' code:
https://github.com/pfnet-research/chainer-gan-lib/blob/cf9efba/common/dataset.py
"""

from torch import Tensor

from sngan.preprocessing.base import Preprocessing


class Symmetric(Preprocessing):
    """Return ``2 x / 255 - 1``, with no noise."""

    def __call__(self, images: Tensor) -> Tensor:
        """See `Preprocessing.__call__`."""
        return images.float() / 127.5 - 1
