"""The features of the first pictures, for scores that need more than their moments."""

import torch
from torch import Tensor

from sngan.system.workers import Workers


class KeptFeatures:
    """Collects the features of pictures 0 to ``count - 1``, in that order.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._features = torch.empty(0)  # (count, d), once d is known.
        self._is_whole = False

    def update(self, index: Tensor, features: Tensor) -> None:
        """Add some pictures; those beyond the first are passed over.

        Args:
            index: Their numbers, ``(N,)`` int64, on the CPU.
            features: ``(N, d)``.
        """
        if self._features.ndim < 2:
            self._features = torch.zeros(self._count, features.shape[1])
        wanted = index < self._count
        if wanted.any():  # Copying waits for the device.
            self._features[index[wanted]] = features[wanted.to(features.device)].float().cpu()

    def result(self, workers: Workers) -> Tensor:
        """Return the features, ``(count, d)`` float32, of all processes' pictures.

        Asked again, it gives the same without another exchange.
        """
        if not self._is_whole:
            self._features, self._is_whole = workers.sum(self._features), True
        return self._features
