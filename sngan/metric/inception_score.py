"""The Inception score (Salimans et al., 2016), accumulated batch by batch in float64."""

import torch
from torch import Tensor


class InceptionScore:
    """``exp(E[KL(p(y|x) || p(y))])`` over splits of the samples.

    Split ``k`` of ``K`` holds positions ``[k N // K, (k + 1) N // K)`` of a seeded shuffle: class
    ordered samples would wreck the score.

    Args:
        count: Number of samples to come, ``N``.
        splits: ``K``; the paper's protocol has 10.
        seed: Seed of the shuffle.

    Raises:
        ValueError: If there are fewer samples than splits.
    """

    def __init__(self, count: int, splits: int = 10, seed: int = 0) -> None:
        if not 1 <= splits <= count:
            raise ValueError(f"splits must be between 1 and the {count} samples, got {splits}")
        edges = torch.tensor([k * count // splits for k in range(1, splits)])
        position = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
        self._split_of = torch.bucketize(position, edges, right=True)
        self._splits = splits
        self._seen = 0
        self._count = torch.zeros(splits, dtype=torch.float64)
        self._negative_entropy = torch.zeros(splits, dtype=torch.float64)
        self._sum = torch.empty(0)

    def update(self, logits: Tensor) -> None:
        """Add the next samples in order.

        Args:
            logits: ``(N, classes)``, before the softmax.
        """
        log_p = logits.to("cpu", torch.float64).log_softmax(dim=1)
        p = log_p.exp()
        if not self._seen:
            self._sum = torch.zeros(self._splits, p.shape[1], dtype=torch.float64)
        split = self._split_of[self._seen : self._seen + len(p)]
        self._seen += len(p)
        self._sum.index_add_(0, split, p)
        self._negative_entropy.index_add_(0, split, (p * log_p).sum(dim=1))
        self._count.index_add_(0, split, torch.ones_like(split, dtype=torch.float64))

    def result(self) -> tuple[float, float]:
        """Return mean and population standard deviation over the splits.

        Raises:
            ValueError: If not all announced samples have come.
        """
        if self._seen != len(self._split_of):
            raise ValueError(f"expected {len(self._split_of)} samples, got {self._seen}")
        q = self._sum / self._count.unsqueeze(1)
        scores = (self._negative_entropy / self._count - torch.xlogy(q, q).sum(dim=1)).exp()
        return float(scores.mean()), float(scores.std(correction=0))
