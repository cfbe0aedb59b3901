"""Scores of a generator that is made to return known pictures."""

import json
from pathlib import Path

import pytest
import torch

from sngan.architecture.base import Generator
from sngan.dataset.base import Pictures
from sngan.dataset.synthetic import SyntheticShapes
from sngan.evaluate import Protocol, evaluate, reference
from sngan.extractor.base import Features
from sngan.scoring import Scorer

CPU = torch.device("cpu")


def protocol(**changes):
    defaults = {
        "name": "test",
        "num_generated": 60,
        "splits": 3,
        "num_generated_fid": 50,
        "num_real": 40,
        "real_split": "train",
        "quantization": "round",
    }
    return Protocol(**(defaults | changes))


class Pixels:
    """Features are a few mean pixels, logits the quadrants' brightness."""

    name = "pixels"
    is_fid_inception = False
    provenance = {"weights": "none"}  # noqa: RUF012

    def __init__(self):
        self.seen = 0

    def to(self, device):
        return self

    def __call__(self, images):
        assert images.dtype == torch.uint8
        self.seen += len(images)
        pool = images.float().mean(dim=(2, 3))
        return Features(pool, images[:, :, ::8, ::8].float().flatten(1) / 10)


class Replay(Generator):
    """Returns the pictures of a set in turn, whatever the noise."""

    latent_size = 2

    def __init__(self, images):
        super().__init__()
        self.images = images.float() / 127.5 - 1
        self.position = 0

    def forward(self, z, labels=None):
        start, self.position = self.position, self.position + len(z)
        return self.images[start : self.position]


def score(generator, real, extractor=None, batch_size=7, **changes):
    extractor = extractor or Pixels()
    rules = protocol(**changes)
    reference_ = reference(real, extractor, rules, batch_size=batch_size, device=CPU)
    return evaluate(
        generator, extractor, reference_, rules, seed=0, batch_size=batch_size, device=CPU
    )


def test_real_pictures_score_zero_against_themselves(shapes):
    scores = score(Replay(shapes.images), shapes, num_generated_fid=60, num_real=None)
    assert scores.distance == pytest.approx(0, abs=1e-8)
    assert scores.num_real == 60
    assert scores.score_mean > 1


def test_only_the_first_samples_enter_the_distance(shapes):
    images = shapes.images.clone()
    images[50:] = 0
    distances = [
        score(Replay(x), shapes, num_generated_fid=50).distance for x in (images, shapes.images)
    ]
    assert distances[0] == distances[1]
    assert score(Replay(images), shapes, num_generated_fid=51).distance != distances[0]


@pytest.mark.parametrize("batch_size", [1, 60])
def test_batch_size_does_not_matter(shapes, batch_size):
    one = score(Replay(shapes.images), shapes)
    other = score(Replay(shapes.images), shapes, batch_size=batch_size)
    assert one.distance == pytest.approx(other.distance, rel=1e-9)
    assert one.score_mean == pytest.approx(other.score_mean, rel=1e-9)


def test_each_picture_passes_the_extractor_once(shapes):
    extractor = Pixels()
    score(Replay(shapes.images), shapes, extractor)
    assert extractor.seen == 40 + 60


def test_quantization_follows_the_protocol(shapes):
    """A little below each level: rounding finds it, truncation takes the one below."""
    generator = [Replay(shapes.images.clamp(min=1).float() - 0.3) for _ in range(2)]
    real = Pictures(shapes.images.clamp(min=1), shapes.labels, shapes.class_names)
    settings = {"num_generated_fid": 60, "num_real": None}
    rounded = score(generator[0], real, quantization="round", **settings)
    truncated = score(generator[1], real, quantization="truncate", **settings)
    assert rounded.distance == pytest.approx(0, abs=1e-8)
    assert truncated.distance == pytest.approx(3, rel=1e-6)  # One level in each channel.


def test_extractor_without_logits(shapes):
    class NoLogits(Pixels):
        def __call__(self, images):
            return super().__call__(images)._replace(logits=None)

    scores = score(Replay(shapes.images), shapes, NoLogits())
    assert scores.score_mean is None
    assert scores.distance > 0


def test_too_few_real_pictures(shapes):
    with pytest.raises(ValueError, match=r"takes 61 real pictures, the train split has 60"):
        score(Replay(shapes.images), shapes, num_real=61)


@pytest.mark.parametrize(
    "changes",
    [
        {"splits": 0},
        {"splits": 61},
        {"num_generated_fid": 1},
        {"num_generated_fid": 61},
        {"num_real": 1},
        {"real_split": "dev"},
        {"quantization": "floor"},
    ],
)
def test_impossible_protocols(changes):
    (setting,) = changes
    with pytest.raises(ValueError, match=rf"protocol.test.{setting} must be"):
        protocol(**changes)


def test_sheet_names_scores_after_the_extractor(tmp_path):
    dataset = SyntheticShapes(image_size=16, num_images=60)
    extractor = Pixels()
    scorer = Scorer(extractor, [protocol(), protocol(name="other")], 3, 20, CPU)
    images = dataset.load("train").images.repeat(2, 1, 1, 1)
    sheet = scorer.score(Replay(images), dataset, {"name": "shapes"})
    seen = extractor.seen
    scorer.score(Replay(images), dataset, {"name": "shapes"})
    assert extractor.seen - seen == 2 * 60  # The real pictures were not described again.

    summary = sheet.summary(Path("x.pt"), 7)
    assert "pixels score" in summary
    assert "pixels distance" in summary
    assert "FID" not in summary
    assert "60 samples in 3 splits" in summary
    assert "50 samples, 40 real pictures of the train split" in summary

    path = sheet.write(tmp_path / "step_7.pt", 7)
    assert path.name == "step_7.pixels.test+other.json"
    content = json.loads(path.read_text())
    assert content["step"] == 7
    assert set(content["protocols"]) == {"test", "other"}
    assert content["protocols"]["test"]["distance"] > 0
    assert content["names"]["distance"] == "pixels distance"


def test_only_the_fid_inception_gets_the_names_of_the_field():
    class Official(Pixels):
        is_fid_inception = True

    dataset = SyntheticShapes(image_size=16, num_images=60)
    scorer = Scorer(Official(), [protocol()], 0, 20, CPU)
    summary = scorer.score(Replay(dataset.load("train").images), dataset, {}).summary(Path("x"), 1)
    assert "Inception score" in summary
    assert "FID" in summary
