"""The contract: what its page teaches works, and metrics share what is kept for them."""

import re
from textwrap import dedent

import pytest
import torch

from sngan.extractor.base import Features
from sngan.metric import base
from sngan.metric.base import Expected, FeatureMetric
from sngan.metric.parts.kept_features import KeptFeatures
from sngan.system.workers import Workers


class Real:
    """Real pictures whose mean feature is one."""

    mean = torch.ones(2, dtype=torch.float64)


@pytest.fixture
def lesson():
    """Run the Python of the page as a stranger's module."""
    blocks = re.findall(r"::\n\n((?:    .*\n|\n)+)", base.__doc__)
    python = [dedent(block) for block in blocks if "class" in block]
    assert len(python) == 2
    module = {"__name__": "mine"}
    for block in python:
        assert len(block.splitlines()) < 30
        exec(block, module)
    return module


def measured(metric, pool):
    """Return what a metric gives of some features, in batches of two."""
    kept = KeptFeatures(len(pool))
    accumulator = metric.start(Expected(count=len(pool), splits=1, kept=kept))
    for index in torch.arange(len(pool)).split(2):
        kept.update(index, pool[index])
        accumulator.update(index, Features(pool[index], None))
    return accumulator.result(Workers(), Real() if metric.needs_real else None)


def test_the_page_teaches_what_works(lesson):
    pool = torch.tensor([[3.0, 4.0], [0.0, 1.0], [0.0, 0.0]])
    assert measured(lesson["FeatureNorm"](), pool) == {"feature_norm": pytest.approx(2)}
    gap = (0**2 + (2 / 3) ** 2) ** 0.5
    assert measured(lesson["MeanGap"](), pool) == {"mean_gap": pytest.approx(gap)}


def test_a_metric_of_kept_features_sees_as_many_as_it_wants_and_no_more():
    class First(FeatureMetric):
        num_generated = 2

        def __call__(self, real, generated):
            return {"sum": generated.sum().item()}

    pool = torch.tensor([[1.0, 0.0], [10.0, 0.0], [100.0, 0.0]])
    assert measured(First(), pool) == {"sum": 11}


def test_processes_exchange_what_they_keep_once():
    class Two(Workers):
        asked = 0

        def sum(self, tensor):
            Two.asked += 1
            return 2 * tensor

    kept = KeptFeatures(1)
    kept.update(torch.arange(2), torch.ones(2, 3))
    for _ in range(2):
        assert kept.result(Two()).tolist() == [[2, 2, 2]]
    assert Two.asked == 1
