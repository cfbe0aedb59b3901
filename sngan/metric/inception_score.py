"""The Inception score (Salimans et al., 2016), accumulated batch by batch in float64."""

import numpy as np
import torch
from torch import Tensor

from sngan.metric.base import Accumulator, Expected, Features, Metric, RealFeatures
from sngan.system.workers import Workers

SHUFFLE_SEED = 2020  # torch-fidelity's, so that both give the same number for the same samples.


class InceptionScore(Metric):
    """``exp(E[KL(p(y|x) || p(y))])``: mean and population standard deviation over splits.

    Of the FID Inception's logits it is the Inception score, of others another number, named after
    these.
    """

    needs_real = False
    needs_logits = True

    def start(self, expected: Expected) -> Accumulator:
        """See `Metric.start`.

        Raises:
            ValueError: If there are fewer samples than splits.
        """
        return SplitScores(expected.count, expected.splits)


class SplitScores(Accumulator):
    """The score of each split of the samples.

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

    def update(self, index: Tensor, features: Features) -> None:
        """See `Accumulator.update`."""
        assert features.logits is not None
        if not len(index):
            return
        log_p = features.logits.double().log_softmax(dim=1)
        p = log_p.exp()
        if not self._sum.numel():
            self._sum = p.new_zeros(self._splits, p.shape[1])
            self._count = self._count.to(p.device)
            self._negative_entropy = self._negative_entropy.to(p.device)
        split = self._split_of[index].to(p.device)
        self._sum.index_add_(0, split, p)
        self._negative_entropy.index_add_(0, split, (p * log_p).sum(dim=1))
        self._count.index_add_(0, split, torch.ones_like(split, dtype=torch.float64))

    def result(self, workers: Workers, real: RealFeatures | None) -> dict[str, float]:
        """See `Accumulator.result`; each process must have had at least one sample.

        Raises:
            ValueError: If not all announced samples have come.
        """
        count = workers.sum(self._count)
        if int(count.sum()) != len(self._split_of):
            raise ValueError(f"expected {len(self._split_of)} samples, got {int(count.sum())}")
        q = workers.sum(self._sum) / count.unsqueeze(1)
        negative_entropy = workers.sum(self._negative_entropy) / count
        scores = (negative_entropy - torch.xlogy(q, q).sum(dim=1)).exp()
        mean, std = scores.mean(), scores.std(correction=0)
        return {"score_mean": float(mean), "score_std": float(std)}
