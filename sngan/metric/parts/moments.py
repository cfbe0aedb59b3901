"""Mean and covariance of features, accumulated batch by batch in float64."""

import torch
from torch import Tensor

from sngan.system.workers import Workers


class Moments:
    """Streaming first and second moments.

    Sums are taken around the first batch's mean, which costs nothing and keeps full precision
    where the mean is large beside the spread. They stay on the device of the features.
    """

    def __init__(self) -> None:
        self.count = 0
        self._shift = torch.empty(0)
        self._sum = torch.empty(0)
        self._outer = torch.empty(0)

    def update(self, features: Tensor) -> None:
        """Add a batch.

        Args:
            features: ``(N, d)``, finite.
        """
        if not len(features):
            return
        features = features.double()
        if not self.count:
            self._shift = features.mean(dim=0)
            self._sum = torch.zeros_like(self._shift)
            self._outer = torch.outer(self._sum, self._sum)
        shifted = features - self._shift
        self.count += len(features)
        self._sum += shifted.sum(dim=0)
        self._outer += shifted.T @ shifted

    def result(self, workers: Workers = Workers()) -> tuple[Tensor, Tensor]:  # noqa: B008 - frozen.
        """Return the mean, ``(d,)``, and the unbiased covariance, ``(d, d)``, both float64.

        Args:
            workers: The processes that share the pictures; each has at least one of them.

        Raises:
            ValueError: If fewer than two rows were added in all.
        """
        own = torch.tensor(self.count, dtype=torch.float64, device=self._sum.device)
        count = int(workers.sum(own))
        if count < 2:
            raise ValueError(f"a covariance needs at least 2 pictures, got {count}")
        mean = workers.sum(self.count * self._shift + self._sum) / count
        offset = self._shift - mean  # Sums around the common mean can be added up.
        cross = torch.outer(offset, self._sum)
        outer = self._outer + cross + cross.T + self.count * torch.outer(offset, offset)
        return mean, workers.sum(outer) / (count - 1)
