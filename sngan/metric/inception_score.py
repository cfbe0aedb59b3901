"""The Inception score (Salimans et al., 2016), accumulated batch by batch in float64."""

import numpy as np
import torch
from torch import Tensor

from sngan.system.workers import Workers

SHUFFLE_SEED = 2020  # torch-fidelity's, so that both give the same number for the same samples.


class InceptionScore:
    """``exp(E[KL(p(y|x) || p(y))])`` over splits of the samples.

    Split ``k`` of ``K`` holds positions ``[k N // K, (k + 1) N // K)`` of a seeded shuffle: class
    ordered samples would wreck the score. Reference: torch-fidelity 0.4.0, ``metric_isc.py``.

    Args:
        count: Number of samples to come, ``N``.
        splits: ``K``; the paper's protocol has 10.
        seed: Seed of the shuffle.

    Raises:
        ValueError: If there are fewer samples than splits.
    """

    def __init__(self, count: int, splits: int = 10, seed: int = SHUFFLE_SEED) -> None:
        if not 1 <= splits <= count:
            raise ValueError(f"splits must be between 1 and the {count} samples, got {splits}")
        edges = torch.tensor([k * count // splits for k in range(1, splits)])
        order = np.random.RandomState(seed).permutation(count)  # NumPy promises to keep it.
        self._split_of = torch.empty(count, dtype=torch.int64)
        self._split_of[order] = torch.bucketize(torch.arange(count), edges, right=True)
        self._splits = splits
        self._count = torch.zeros(splits, dtype=torch.float64)
        self._negative_entropy = torch.zeros(splits, dtype=torch.float64)
        self._sum = torch.empty(0)

    def update(self, index: Tensor, logits: Tensor) -> None:
        """Add some samples.

        Args:
            index: Their numbers, each below ``count``, ``(N,)`` int64; every number comes once.
            logits: ``(N, classes)``, before the softmax.
        """
        if not len(index):
            return
        log_p = logits.double().log_softmax(dim=1)
        p = log_p.exp()
        if not self._sum.numel():
            self._sum = p.new_zeros(self._splits, p.shape[1])
            self._count = self._count.to(p.device)
            self._negative_entropy = self._negative_entropy.to(p.device)
        split = self._split_of[index].to(p.device)
        self._sum.index_add_(0, split, p)
        self._negative_entropy.index_add_(0, split, (p * log_p).sum(dim=1))
        self._count.index_add_(0, split, torch.ones_like(split, dtype=torch.float64))

    def result(self, workers: Workers = Workers()) -> tuple[float, float]:  # noqa: B008 - frozen.
        """Return mean and population standard deviation over the splits.

        Args:
            workers: The processes that share the samples; each has at least one of them.

        Raises:
            ValueError: If not all announced samples have come.
        """
        count = workers.sum(self._count)
        if int(count.sum()) != len(self._split_of):
            raise ValueError(f"expected {len(self._split_of)} samples, got {int(count.sum())}")
        q = workers.sum(self._sum) / count.unsqueeze(1)
        negative_entropy = workers.sum(self._negative_entropy) / count
        scores = (negative_entropy - torch.xlogy(q, q).sum(dim=1)).exp()
        return float(scores.mean()), float(scores.std(correction=0))
