"""Metrics of others: which pictures reach them, and what is said of their numbers."""

import re

import pytest
import torch

from sngan.metric.base import Accumulator, FeatureMetric, Metric
from sngan.scoring.sheet import ScoreSheet
from sngan.scoring.source import Fixed


class Brightness(Metric):
    """Mean of the first feature: a second metric that streams, in one place."""

    def __init__(self, needs_real=False, needs_logits=False, said=""):
        self.needs_real, self.needs_logits, self.said = needs_real, needs_logits, said

    def start(self, expected):
        return Sum(expected.count)

    def settings(self):
        return self.said


class Sum(Accumulator):
    def __init__(self, count):
        self.count, self.sum, self.seen = count, torch.zeros((), dtype=torch.float64), []

    def update(self, index, features):
        assert len(index) == len(features.pool)
        self.seen += index.tolist()
        self.sum += features.pool[:, 0].double().sum()

    def result(self, workers, real):
        assert self.seen == [*range(self.count)]
        return {"brightness": workers.sum(self.sum).item() / self.count, "has_real": bool(real)}


@pytest.fixture
def scores_of(build_scorer, protocol, shapes, real):
    """Score the sixty pictures, of which fifty enter the distance."""

    def run(has_real=True, extractor=None, **metrics):
        changes = {} if extractor is None else {"extractor": extractor}
        scorer = build_scorer(protocol(), metrics=metrics, **changes)
        references = scorer.of_dataset(real) if has_real else [None]
        (scores,) = scorer.score(Fixed(shapes.images, "shapes"), references)
        return scores

    return run


def mean_of(images):
    return pytest.approx(images[:, 0].double().mean().item(), rel=1e-5)


def test_a_metric_that_streams_sees_each_sample_of_its_protocol_once(scores_of, shapes):
    scores = scores_of(alone=Brightness(), compared=Brightness(needs_real=True))
    assert scores.more["alone"].values == {"brightness": mean_of(shapes.images), "has_real": False}
    assert scores.more["compared"].values == {
        "brightness": mean_of(shapes.images[:50]), "has_real": True,
    }  # fmt: skip


def test_without_real_pictures_what_needs_none_is_left(scores_of):
    scores = scores_of(has_real=False, alone=Brightness(), compared=Brightness(needs_real=True))
    assert set(scores.found) == {"inception_score", "alone"}


def test_without_logits_what_needs_none_is_left(scores_of, extractor):
    class NoLogits(type(extractor)):
        def __call__(self, images):
            return super().__call__(images)._replace(logits=None)

    scores = scores_of(extractor=NoLogits(), one=Brightness(), two=Brightness(needs_logits=True))
    assert set(scores.found) == {"fid", "one"}


def test_its_line_says_which_pictures_and_settings_are_behind_it(scores_of, extractor, tmp_path):
    scores = scores_of(alone=Brightness(), compared=Brightness(needs_real=True, said="k 5"))
    sheet = ScoreSheet(name="x", extractor=extractor, scores=[scores])
    said = " ".join(sheet.summary().split())
    sides = "50 samples (round), 40 real of shapes train"
    assert f"| pixels distance, compared (k 5): {sides} | " in said
    assert "| alone: 60 samples (round) | pixels sha256" in said
    name = sheet.write(tmp_path / "x.pt").name
    assert re.fullmatch(r"x\.pixels\.test\.alone\.compared\.[0-9a-f]{10}\.json", name)
    content = sheet.to_json()["protocols"]["test"]
    assert list(content["more"]) == ["alone", "compared"]
    assert content["settings"] == {"alone": "", "compared": "k 5"}


def test_kept_features_are_those_each_metric_asks_for(scores_of, shapes):
    class First(FeatureMetric):
        def __init__(self, count):
            self.num_generated = count

        def __call__(self, real, generated):
            return {"count": len(generated), "mean": generated[:, 0].double().mean().item()}

    class OfSamplesAlone(First):
        needs_real = False

    scores = scores_of(some=First(20), every=First(None), many=First(1000), more=OfSamplesAlone(55))
    found = {name: one.values for name, one in scores.more.items()}
    assert found["some"] == {"count": 20, "mean": mean_of(shapes.images[:20])}
    assert found["every"] == found["many"] == {"count": 50, "mean": mean_of(shapes.images[:50])}
    assert found["more"] == {"count": 55, "mean": mean_of(shapes.images[:55])}
