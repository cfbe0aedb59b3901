"""Scores of pictures that are known: a generator that replays them, and the pictures themselves."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch_fidelity.metric_isc import isc_features_to_metric

from sngan.architecture.base import Generator
from sngan.dataset.base import MissingSplitError, Pictures
from sngan.extractor.base import Features
from sngan.metric.kid import KernelInceptionDistance
from sngan.metric.prdc import PrecisionRecallDensityCoverage
from sngan.scoring.scorer import RealPictures
from sngan.scoring.source import Fixed, Samples, Source

CPU = torch.device("cpu")


class Replay(Source):
    """Pictures of a set as a generator's output."""

    name = "replay"
    is_quantized = False

    def __init__(self, images):
        self.images = images.float() / 127.5 - 1

    def __call__(self, index):
        return self.images[index]


@pytest.fixture
def score(build_scorer, protocol):
    """Score pictures under one protocol."""

    def run(source, real, batch_size=7, metrics=None, **changes):
        scorer = build_scorer(protocol(**changes), batch_size=batch_size, metrics=metrics)
        (scores,) = scorer.score(source, scorer.of_dataset(real))
        return scores

    return run


def test_real_pictures_score_zero_against_themselves(score, shapes, real):
    scores = score(Replay(shapes.images), real, num_generated_fid=60, num_real=None)
    assert scores.distance == pytest.approx(0, abs=1e-8)
    assert scores.num_real == 60
    assert scores.real == "shapes train"
    assert Path(scores.statistics).suffix == ".npz"
    assert scores.score_mean > 1


def test_the_score_is_torch_fidelity_s(score, shapes, real, extractor):
    theirs = isc_features_to_metric(extractor(shapes.images).logits, splits=3)
    scores = score(Fixed(shapes.images, "shapes"), real)
    assert scores.score_mean == pytest.approx(theirs["inception_score_mean"], rel=1e-12)
    assert scores.score_std == pytest.approx(theirs["inception_score_std"], rel=1e-9)


def test_only_the_first_samples_enter_the_distance(score, shapes, real):
    images = shapes.images.clone()
    images[50:] = 0
    distances = [score(Replay(x), real).distance for x in (images, shapes.images)]
    assert distances[0] == distances[1]
    assert score(Replay(images), real, num_generated_fid=51).distance != distances[0]


@pytest.mark.parametrize("batch_size", [1, 60])
def test_batch_size_does_not_matter(score, shapes, real, batch_size):
    metrics = {"prdc": PrecisionRecallDensityCoverage(num_pictures=30)}
    one = score(Replay(shapes.images), real, metrics=metrics)
    other = score(Replay(shapes.images), real, metrics=metrics, batch_size=batch_size)
    assert one.distance == pytest.approx(other.distance, rel=1e-9)
    assert one.score_mean == pytest.approx(other.score_mean, rel=1e-9)
    assert one.more == other.more


def test_order_does_not_matter_to_the_distance(score, shapes, real):
    everything = {"num_generated_fid": 60}
    one = score(Fixed(shapes.images, ""), real, **everything)
    other = score(Fixed(shapes.images.flip(0), ""), real, **everything)
    assert one.distance == pytest.approx(other.distance, rel=1e-9)


def test_two_protocols_share_one_pass(build_scorer, protocol, shapes, real, extractor):
    """Of the same rounding: each picture passes the extractor once, and nothing is mixed up."""
    small = {"name": "small", "num_generated": 30, "num_generated_fid": 20, "num_real": 25}
    alone = [
        (lambda scorer: scorer.score(Replay(shapes.images), scorer.of_dataset(real))[0])(
            build_scorer(rules)
        )
        for rules in (protocol(), protocol(**small))
    ]
    scorer = build_scorer(protocol(), protocol(**small))
    references = scorer.of_dataset(real)
    before = extractor.seen
    together = scorer.score(Replay(shapes.images), references)
    assert extractor.seen - before == 60
    for one, other in zip(alone, together, strict=True):
        assert one.distance == pytest.approx(other.distance, rel=1e-9)
        assert one.score_mean == pytest.approx(other.score_mean, rel=1e-9)


def test_pictures_that_are_8_bit_pass_once_whatever_the_rounding(
    build_scorer, protocol, shapes, real, extractor
):
    scorer = build_scorer(protocol(), protocol(name="other", quantization="truncate"))
    references = scorer.of_dataset(real)
    before = extractor.seen
    one, other = scorer.score(Fixed(shapes.images, ""), references)
    assert extractor.seen - before == 60
    assert one.distance == other.distance


def test_quantization_follows_the_protocol(build_scorer, protocol, shapes):
    """A little below each level: rounding finds it, truncation takes the one below."""
    images = shapes.images.clamp(min=1)
    pictures = Pictures(images, shapes.labels, shapes.class_names)
    every = {"num_generated_fid": 60, "num_real": None}
    scorer = build_scorer(
        protocol(**every), protocol(name="other", quantization="truncate", **every)
    )
    references = scorer.of_dataset(RealPictures(name="x", load=lambda _: pictures, about={}))
    rounded, truncated = scorer.score(Replay(images.float() - 0.3), references)
    assert rounded.distance == pytest.approx(0, abs=1e-8)
    assert truncated.distance == pytest.approx(3, rel=1e-6)  # One level in each channel.


def test_extractor_without_logits(build_scorer, protocol, shapes, real, extractor):
    class NoLogits(type(extractor)):
        def __call__(self, images):
            return super().__call__(images)._replace(logits=None)

    scorer = build_scorer(protocol(), extractor=NoLogits())
    (scores,) = scorer.score(Replay(shapes.images), scorer.of_dataset(real))
    assert scores.score_mean is None
    assert scores.distance > 0


def test_without_real_pictures_there_is_a_score_and_no_distance(build_scorer, protocol, shapes):
    (scores,) = build_scorer(protocol()).score(Fixed(shapes.images, ""), [None])
    assert scores.score_mean > 1
    assert scores.distance is None
    assert scores.real is None


def test_constant_pictures_have_a_distance(score, shapes, real):
    grey = torch.full_like(shapes.images, 128)
    assert score(Fixed(grey, ""), real).distance > 0


def test_metrics_see_the_pictures_of_their_protocol(score, shapes, real):
    metrics = {
        "kid": KernelInceptionDistance(subsets=5, subset_size=30),
        "prdc": PrecisionRecallDensityCoverage(num_pictures=35),
    }
    kept = score(Fixed(shapes.images, ""), real, metrics=metrics)
    assert set(kept.more["kid"].values) == {"kid_mean", "kid_std"}
    black = shapes.images.clone()
    black[50:] = 0  # Beyond the distance's samples, so of no matter.
    assert score(Fixed(black, ""), real, metrics=metrics).more == kept.more
    black[40:] = 0  # Still beyond the first 35, but among those of the kernel distance.
    changed = score(Fixed(black, ""), real, metrics=metrics).more
    assert changed["prdc"] == kept.more["prdc"]
    assert changed["kid"] != kept.more["kid"]
    assert kept.more["prdc"].settings == "k 5, at most 35 pictures of either side"


def test_another_size_on_the_other_side_is_marked(build_scorer, protocol, shapes, real):
    small = torch.nn.functional.interpolate(shapes.images, scale_factor=0.5)
    scorer = build_scorer(protocol())
    (scores,) = scorer.score(Fixed(small, "small"), scorer.of_dataset(real))
    assert scores.mismatches == ["size 16 x 16 instead of 8 x 8"]


def test_statistics_of_other_counts_or_without_features_are_not_taken_for_more(
    build_scorer, protocol, shapes, real
):
    (reference,) = build_scorer(protocol(num_real=30)).of_dataset(real)
    scorer = build_scorer(protocol())
    (scores,) = scorer.score(Fixed(shapes.images, ""), scorer.of_path(reference.path, None, False))
    assert scores.mismatches == ["protocol test takes 40 real pictures"]
    scorer = build_scorer(protocol(num_real=30), metrics={"prdc": PrecisionRecallDensityCoverage()})
    references = scorer.of_path(reference.path, None, False)
    with pytest.raises(ValueError, match=r"needs the features of 10,000 .*npz keeps 0"):
        scorer.score(Fixed(shapes.images, ""), references)


def test_a_metric_without_enough_pictures_says_so_before_anything_is_computed(
    build_scorer, protocol, shapes, real, extractor
):
    metrics = {"kid": KernelInceptionDistance(subset_size=45)}
    scorer = build_scorer(protocol(), metrics=metrics)
    with pytest.raises(ValueError, match=r"metric=kid needs at least 45 real pictures.* has 40"):
        scorer.check(Fixed(shapes.images, ""), real)
    assert extractor.seen == 0
    with pytest.raises(ValueError, match=r"metric=kid needs at least 45 real pictures.* has 40"):
        scorer.score(Fixed(shapes.images, ""), scorer.of_dataset(real))


def test_too_few_pictures(score, shapes, real):
    with pytest.raises(ValueError, match=r"takes 61 real pictures, but the train split has 60"):
        score(Fixed(shapes.images, ""), real, num_real=61)
    with pytest.raises(ValueError, match="protocol test takes 60 samples, DIR has 59"):
        score(Fixed(shapes.images[:59], "DIR"), real)


def test_few_samples_are_warned_of(build_scorer, protocol, shapes, real, extractor):
    class Wide(type(extractor)):
        is_fid_inception = True

        def __call__(self, images):
            return Features(images.float().flatten(1)[:, ::2], None)

    scorer = build_scorer(protocol(), extractor=Wide())
    (scores,) = scorer.score(Fixed(shapes.images, ""), scorer.of_dataset(real))
    (warning,) = scores.warnings
    assert warning.startswith("50 samples for 384 features: bias dominates the distance")
    assert "about 1152 for real pictures of CIFAR-10" in warning  # 25,600 (1 / 50 + 1 / 40).


def test_a_generator_is_scored_in_eval_mode(build_scorer, protocol, real):
    class Watched(Generator):
        latent_size = 2
        modes = ()

        def forward(self, z, labels=None):
            self.modes += (self.training,)
            return torch.zeros(len(z), 3, 16, 16)

    generator = Watched()
    scorer = build_scorer(protocol())
    scorer.score(Samples(generator, 0, CPU), scorer.of_dataset(real))
    assert not any(generator.modes)
    assert generator.training


def test_real_pictures_are_scored_against_others_of_their_kind(build_scorer, protocol, shapes):
    """A protocol of the test split, one of some, and one of all training pictures."""
    splits = {"train": shapes, "test": replace(shapes, images=shapes.images.flip(1))}
    both = RealPictures(name="shapes", load=splits.__getitem__, about={})
    paper = protocol(name="paper", real_split=["test", "train"])
    modern = protocol(name="modern", num_real=None, num_generated=600, num_generated_fid=600)
    scores = build_scorer(paper, modern).score_real(both)
    assert [entry.real for entry in scores] == ["shapes test", "shapes test"]
    assert [entry.num_real for entry in scores] == [40, 60]
    assert scores[1].protocol.num_generated == 60  # What there is.

    def train_only(split):
        if split == "train":
            return shapes
        raise MissingSplitError("root", "has no test split")

    alone = RealPictures(name="shapes", load=train_only, about={})
    (some,) = build_scorer(paper).score_real(alone)
    assert some.real == "shapes train"
    assert some.protocol.num_generated == 20  # Those that are not on the other side.
    with pytest.raises(ValueError, match="would compare the training pictures of shapes with them"):
        build_scorer(modern).score_real(alone)
