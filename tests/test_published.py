"""The published values, where the published weights and CIFAR-10 are at hand.

SNGAN_INCEPTION names the weights file, SNGAN_CIFAR10 the folder with the archive of CIFAR-10.
About an hour on two cores, under a minute on a GPU.
"""

import os

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from sngan.assembly.compose import CONFIG_DIR
from sngan.dataset.cifar10 import Cifar10
from sngan.extractor.inception import Inception
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.protocol import Protocol
from sngan.scoring.scorer import RealPictures, Scorer
from sngan.scoring.scores import SCORE_AND_DISTANCE
from sngan.scoring.source import Fixed
from sngan.scoring.store import ReferenceStore
from sngan.system.device import resolve_device

PLACES = [os.environ.get(name) for name in ("SNGAN_INCEPTION", "SNGAN_CIFAR10")]
pytestmark = [
    pytest.mark.reference,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(PLACES), reason="needs SNGAN_INCEPTION and SNGAN_CIFAR10: weights and data"
    ),
]


@pytest.fixture(scope="module")
def splits():
    config = OmegaConf.load(CONFIG_DIR / "dataset" / "cifar10.yaml")
    dataset: Cifar10 = instantiate(config, root=PLACES[1])
    return {name: dataset.load(name).images for name in ("train", "test")}


@pytest.fixture(scope="module")
def score(tmp_path_factory):
    """Score pictures against others under a protocol of all of both."""
    device = resolve_device("auto")
    folder = tmp_path_factory.mktemp("references")

    def run(images, real, preset="tf1", splits=10):
        extractor = Inception(PLACES[0], preset)
        extractor.to(device)
        assert extractor.is_fid_inception
        describe = FeaturePass(extractor, device)
        protocol = Protocol(
            name="all",
            num_generated=None,
            splits=splits,
            num_generated_fid=None,
            num_real=None,
            real_split="train",
            quantization="round",
        )
        scorer = Scorer(describe, [protocol], SCORE_AND_DISTANCE, ReferenceStore(folder, describe))
        references = [None]
        if real is not None:
            references = scorer.of_source(Fixed(real, "real"))
        (scores,) = scorer.score(Fixed(images, "pictures"), references)
        return scores

    return run


def chosen(images, count):
    """Return what torch-fidelity's tests choose."""
    index = np.random.RandomState(2020).choice(len(images), count, replace=False)
    return images[torch.from_numpy(index)]


def test_fid_of_torch_fidelity(splits, score):
    scores = score(chosen(splits["train"], 5000), chosen(splits["test"], 5000))
    assert scores.distance == pytest.approx(10.3233274, abs=1e-4)


def test_inception_score_of_torch_fidelity(splits, score):
    assert score(chosen(splits["train"], 100), None).score_mean == pytest.approx(
        4.51089784587268, abs=1e-4
    )


def test_train_against_test_as_in_tensorflow(splits, score):
    scores = score(splits["train"], splits["test"])
    assert scores.distance == pytest.approx(3.1508, abs=1e-3)
    assert scores.score_mean == pytest.approx(11.24, abs=0.02)


def test_train_against_test_as_with_pytorch_fid(splits, score):
    scores = score(splits["train"], splits["test"], preset="pytorch-fid")
    assert scores.distance == pytest.approx(3.1517684858024495, rel=1e-4)


def test_real_pictures_as_in_the_paper(splits, score):
    """Appendix B.1's counts; the paper's row of real data says 7.8."""
    scores = score(splits["train"][:5000], splits["test"])
    assert scores.distance == pytest.approx(7.8, abs=0.15)


def test_the_command_s_calibration_row(splits, tmp_path):
    """``sngan-eval --real``: both protocols against the test split."""
    device = resolve_device("auto")
    extractor = Inception(PLACES[0])
    extractor.to(device)
    describe = FeaturePass(extractor, device)
    protocols = [
        Protocol(**OmegaConf.to_container(OmegaConf.load(CONFIG_DIR / "protocol" / f"{name}.yaml")))
        for name in ("paper", "modern")
    ]
    scorer = Scorer(describe, protocols, SCORE_AND_DISTANCE, ReferenceStore(tmp_path, describe))

    class Loaded:
        def __init__(self, images):
            self.images = images

        def __len__(self):
            return len(self.images)

    real = RealPictures(name="cifar10", load=lambda name: Loaded(splits[name]), about={})
    paper, modern = scorer.score_real(real)
    assert paper.distance == pytest.approx(7.8, abs=0.15)
    assert modern.distance == pytest.approx(3.1508, abs=1e-3)
    assert paper.score_mean == pytest.approx(11.24, abs=0.02)
