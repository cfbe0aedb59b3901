import math

import numpy as np
import pytest
import torch
from torch_fidelity.metric_isc import isc_features_to_metric

from sngan.extractor.base import Features
from sngan.metric.inception_score import SplitScores
from sngan.system.workers import Workers


def score_of(logits, splits=1, batch_size=50, seed=2020):
    score = SplitScores(len(logits), splits, seed)
    for index in torch.arange(len(logits)).split(batch_size):
        score.update(index, described(logits[index]))
    return tuple(score.result(Workers(), None).values())


def described(logits):
    return Features(torch.empty(len(logits), 0), logits)


def test_uniform_predictions_give_one():
    mean, std = score_of(torch.zeros(100, 10), splits=5)
    assert mean == pytest.approx(1, rel=1e-12)
    assert std == pytest.approx(0, abs=1e-12)


def test_one_hot_predictions_give_the_number_of_classes():
    logits = 1e4 * torch.eye(10).repeat(10, 1)  # float32 p * log p would be NaN here.
    assert score_of(logits)[0] == pytest.approx(10, rel=1e-12)


@pytest.mark.parametrize(("count", "splits"), [(1000, 10), (103, 4), (50, 1)])
def test_equals_torch_fidelity_split_for_split(count, splits):
    """Also the shuffle: the same samples get the same number."""
    logits = 3 * torch.randn(count, 1008)
    theirs = isc_features_to_metric(logits, splits=splits)
    mean, std = score_of(logits, splits)
    assert mean == pytest.approx(theirs["inception_score_mean"], rel=1e-12)
    assert std == pytest.approx(theirs["inception_score_std"], rel=1e-9, abs=1e-12)


def test_equals_the_definition_on_each_split():
    logits = 3 * torch.randn(103, 7, dtype=torch.float64)
    shuffled = logits[np.random.RandomState(5).permutation(103)]
    scores = []
    for k in range(4):
        p = shuffled[k * 103 // 4 : (k + 1) * 103 // 4].softmax(dim=1)
        divergence = (p * (p.log() - p.mean(dim=0).log())).sum(dim=1).mean()
        scores.append(math.exp(divergence))
    mean, std = score_of(logits, splits=4, seed=5)
    assert mean == pytest.approx(sum(scores) / 4, rel=1e-12)
    expected_std = torch.tensor(scores, dtype=torch.float64).std(correction=0).item()
    assert std == pytest.approx(expected_std, rel=1e-9)


def test_batch_size_and_order_do_not_matter():
    logits = torch.randn(100, 7)
    expected = score_of(logits, 10, 64)
    assert score_of(logits, 10, 1) == pytest.approx(expected, rel=1e-12)
    score = SplitScores(100, 10)
    for index in torch.randperm(100).split(9):
        score.update(index, described(logits[index]))
    values = score.result(Workers(), None)
    assert values == {
        "score_mean": pytest.approx(expected[0], rel=1e-12),
        "score_std": pytest.approx(expected[1], rel=1e-12),
    }


def test_order_of_the_classes_does_not_wreck_the_score():
    logits = 20 * torch.eye(10).repeat_interleave(50, dim=0)
    assert score_of(logits, splits=10)[0] > 9


def test_too_few_samples():
    with pytest.raises(ValueError, match="between 1 and the 3 samples, got 10"):
        SplitScores(3, 10)


def test_samples_that_never_came():
    score = SplitScores(10, 2)
    score.update(torch.arange(9), described(torch.zeros(9, 4)))
    with pytest.raises(ValueError, match="expected 10 samples, got 9"):
        score.result(Workers(), None)
