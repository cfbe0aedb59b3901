import pytest
import torch

from sngan.average.ema import ExponentialMovingAverage
from sngan.dataset.synthetic import SyntheticShapes
from sngan.extractor.base import Features
from sngan.loss.hinge import HingeLoss
from sngan.monitor.scores import ScoresMonitor
from sngan.preprocessing.symmetric import Symmetric
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.scoring.scorer import RealPictures
from sngan.scoring.source import Samples
from sngan.step.splits import Splits

CPU = torch.device("cpu")
PROTOCOL = {
    "name": "tiny",
    "num_generated": 20,
    "splits": 2,
    "num_generated_fid": 20,
    "num_real": 30,
    "real_split": "train",
    "quantization": "round",
}


class Pixels:
    name = "pixels"
    is_fid_inception = False
    provenance = {"weights": "none"}  # noqa: RUF012

    def to(self, device):
        return self

    def __call__(self, images):
        pool = images.float().mean(dim=(2, 3))
        return Features(pool, pool / 10)


@pytest.fixture
def splits():
    return Splits(SyntheticShapes(image_size=16, num_images=60), Symmetric(), 4, CPU)


@pytest.fixture
def monitor(tmp_path):
    return ScoresMonitor(Pixels(), PROTOCOL, every=2, seed=5, cache=str(tmp_path))


def test_scores_are_those_of_the_command(monitor, splits, small_iteration):
    iteration = small_iteration(SpectralNorm(), HingeLoss())
    for parameter in iteration.generator.parameters():
        torch.nn.init.normal_(parameter)  # Samples that differ from each other.
    iteration()
    monitor.check(iteration.generator, splits)
    before = {k: v.clone() for k, v in iteration.generator.state_dict().items()}
    random = torch.get_rng_state()
    values = monitor(iteration, splits)
    assert set(values) == {"distance/pixels/tiny", "score/pixels/tiny"}
    assert monitor.decisive == "distance/pixels/tiny"
    assert all(torch.equal(before[k], v) for k, v in iteration.generator.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())

    scorer = monitor._scorer(splits)
    references = scorer.of_dataset(RealPictures(name="x", load=splits.pictures, about={}))
    (scores,) = scorer.score(Samples(iteration.generator, 5, CPU), references)
    assert values["distance/pixels/tiny"] == scores.distance
    assert values["score/pixels/tiny"] == scores.score_mean
    (others,) = scorer.score(Samples(iteration.generator, 0, CPU), references)
    assert others.distance != scores.distance


def test_an_average_is_scored_too_and_decides(monitor, splits, small_iteration):
    iteration = small_iteration(SpectralNorm(), HingeLoss())
    for parameter in iteration.generator.parameters():
        torch.nn.init.normal_(parameter)
    monitor.average = ExponentialMovingAverage(iteration.generator)
    torch.nn.init.normal_(iteration.generator.dense.weight)
    monitor.check(iteration.generator, splits)
    values = monitor(iteration, splits)
    assert set(values) == {
        f"{kind}/pixels/tiny{end}" for kind in ("distance", "score") for end in ("", "/average")
    }
    assert monitor.decisive == "distance/pixels/tiny/average"
    source = Samples(monitor.average.generator, 5, CPU)
    (scores,) = monitor._scorer(splits).score(source, monitor._references)
    assert values[monitor.decisive] == scores.distance != values["distance/pixels/tiny"]


def test_too_few_pictures_show_before_the_training(splits, small_iteration, tmp_path):
    monitor = ScoresMonitor(Pixels(), PROTOCOL | {"num_real": 61}, cache=str(tmp_path))
    iteration = small_iteration(SpectralNorm(), HingeLoss())
    with pytest.raises(ValueError, match="protocol tiny takes 61 real pictures"):
        monitor.check(iteration.generator, splits)
    monitor = ScoresMonitor(Pixels(), PROTOCOL | {"num_generated": None}, cache=str(tmp_path))
    with pytest.raises(ValueError, match="takes all samples there are"):
        monitor.check(iteration.generator, splits)


def test_bad_settings():
    with pytest.raises(
        ValueError, match="seed must be an integer between 0 and 4294967295, got -1"
    ):
        ScoresMonitor(Pixels(), PROTOCOL, seed=-1)
    with pytest.raises(ValueError, match=r"^batch_size must be"):
        ScoresMonitor(Pixels(), PROTOCOL, batch_size=0)
    with pytest.raises(ValueError, match=r"^every must be an integer between 1 and"):
        ScoresMonitor(Pixels(), PROTOCOL, every=0)
    with pytest.raises(ValueError, match=r"^protocol\.splits must be"):
        ScoresMonitor(Pixels(), PROTOCOL | {"splits": 21})
