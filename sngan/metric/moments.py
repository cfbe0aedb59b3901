"""Mean and covariance of features, accumulated batch by batch in float64."""

import torch
from torch import Tensor


class Moments:
    """Streaming first and second moments.

    Sums are taken around the first batch's mean, which costs nothing and keeps full precision
    where the mean is large beside the spread.
    """

    def __init__(self) -> None:
        self.count = 0
        self._shift = torch.empty(0)
        self._sum = torch.empty(0)
        self._outer = torch.empty(0)

    def update(self, features: Tensor) -> None:
        """Add a batch.

        Args:
            features: ``(N, d)``.

        Raises:
            ValueError: If a value is not finite.
        """
        features = features.to("cpu", torch.float64)
        finite = features.isfinite().all(dim=1)
        if not finite.all():
            index = self.count + int(finite.logical_not().nonzero()[0])
            raise ValueError(f"the features of picture {index} are not finite")
        if not self.count:
            self._shift = features.mean(dim=0)
            self._sum = torch.zeros_like(self._shift)
            self._outer = torch.zeros(len(self._shift), len(self._shift), dtype=torch.float64)
        shifted = features - self._shift
        self.count += len(features)
        self._sum += shifted.sum(dim=0)
        self._outer += shifted.T @ shifted

    def result(self) -> tuple[Tensor, Tensor]:
        """Return the mean, ``(d,)``, and the unbiased covariance, ``(d, d)``, both float64.

        Raises:
            ValueError: If fewer than two rows were added.
        """
        if self.count < 2:
            raise ValueError(f"a covariance needs at least 2 pictures, got {self.count}")
        mean = self._sum / self.count
        covariance = (self._outer - self.count * torch.outer(mean, mean)) / (self.count - 1)
        return self._shift + mean, covariance
