"""A tiny extractor, and pictures it can tell apart."""

import pytest
import torch

from sngan.extractor.base import Features
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.protocol import Protocol
from sngan.scoring.scorer import RealPictures, Scorer
from sngan.scoring.scores import SCORE_AND_DISTANCE
from sngan.scoring.store import ReferenceStore

CPU = torch.device("cpu")


class Pixels:
    """Features are the channels' means, logits some pixels' brightness."""

    name = "pixels"
    is_fid_inception = False

    def __init__(self, preset="tf1"):
        self.provenance = {"weights": "none", "sha256": "0" * 64, "preset": preset}
        self.seen = 0

    def to(self, device):
        return self

    def __call__(self, images):
        assert images.dtype == torch.uint8
        self.seen += len(images)
        return Features(
            images.float().mean(dim=(2, 3)), images[:, :, ::8, ::8].float().flatten(1) / 10
        )


@pytest.fixture
def extractor():
    return Pixels()


@pytest.fixture
def protocol():
    """Build a protocol; what is not given fits sixty pictures."""

    def build(**changes):
        settings = {
            "name": "test",
            "num_generated": 60,
            "splits": 3,
            "num_generated_fid": 50,
            "num_real": 40,
            "real_split": "train",
            "quantization": "round",
        }
        return Protocol(**(settings | changes))

    return build


@pytest.fixture
def build_scorer(extractor, tmp_path):
    """Build a scorer of that extractor with a cache of its own."""

    def build(*protocols, batch_size=7, metrics=None, extractor=extractor):
        describe = FeaturePass(extractor, CPU, batch_size)
        store = ReferenceStore(tmp_path / "cache", describe)
        return Scorer(describe, protocols, {**SCORE_AND_DISTANCE, **(metrics or {})}, store)

    return build


@pytest.fixture
def real(shapes):
    """The sixty pictures as a data set that has no test split."""
    return RealPictures(name="shapes", load=lambda split: shapes, about={"seed": 0})
