"""Of a checkpoint only what is needed is built: the rest may be a stranger's, or gone."""

import pytest

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.assembly.trained import read_analysis, read_trained
from sngan.dataset.base import Dataset
from sngan.run_folder import checkpoint
from sngan.scoring.scorer import RealPictures

FOREIGN = {"_target_": "nowhere.Thing"}
SIZE = {"image_size": 16, "width": 0.05}
SETTINGS = {
    "seed": 3,
    "dataset": {"_target_": "sngan.dataset.synthetic.SyntheticShapes", "num_images": 20},
    "architecture": {
        "generator": {"_target_": "sngan.architecture.cnn.CnnGenerator", **SIZE},
        "discriminator": {"_target_": "sngan.architecture.cnn.CnnDiscriminator", **SIZE},
    },
    "regularizer": {"none": {"_target_": "sngan.regularizer.none.NoRegularizer"}},
    "loss": FOREIGN,
    "monitor": {"watch": FOREIGN},
}
REFUSED = r"names 'nowhere\.Thing', which is not of sngan; 'trust=\[nowhere\]'"


@pytest.fixture
def saved(tmp_path):
    """Write a checkpoint with some settings replaced."""

    def save(**changes):
        generator = CnnGenerator(16, width=0.05)
        discriminator = CnnDiscriminator(16, width=0.05)
        iteration = {
            "generator": generator.state_dict(),
            "discriminator": discriminator.state_dict(),
        }
        state = {"step": 1, "seconds": 0.0, "iteration": iteration}
        checkpoint.save(tmp_path / "a.pt", {**state, "config": {**SETTINGS, **changes}})
        return tmp_path / "a.pt"

    return save


def architecture(part, node):
    return {"architecture": {**SETTINGS["architecture"], part: node}}


def read(path, of_dataset=(), real=None):
    return read_trained(path, of_dataset, real, best=False)


def test_a_score_needs_generator_and_data_set(saved):
    path = saved(regularizer=FOREIGN, **architecture("discriminator", FOREIGN))
    trained = read(path, ["dataset.num_images=7"])
    assert (trained.generator.image_size, trained.seed, trained.step) == (16, 3, 1)
    assert len(trained.real.load("train")) == 7
    with pytest.raises(ValueError, match=REFUSED):
        read(saved(**architecture("generator", FOREIGN)))
    with pytest.raises(ValueError, match=REFUSED):
        read(saved(dataset=FOREIGN))


@pytest.mark.parametrize("dataset", [FOREIGN, {"_target_": 3, "x": "${oc.env:HOME}"}, {}, None, 1])
def test_a_data_set_that_is_not_asked_for_is_not_looked_at(saved, dataset):
    path = saved(dataset=dataset)
    real = RealPictures(name="other", load=Dataset.load, about={})
    assert read(path, real=real).real is real
    assert read(path, of_dataset=None).real is None


def test_an_analysis_needs_the_discriminator_and_its_regularizers(saved):
    path = saved(dataset=FOREIGN, **architecture("generator", FOREIGN))
    assert len(read_analysis(path).spectra) == 8
    for changes in (
        architecture("discriminator", FOREIGN),
        {"regularizer": {"x": FOREIGN}},
        {"regularizer": {**SETTINGS["regularizer"], "x": FOREIGN}},
    ):
        with pytest.raises(ValueError, match=REFUSED):
            read_analysis(saved(**changes))


@pytest.mark.parametrize("place", ["dataset", "monitor", "anything"])
def test_what_no_configuration_holds_is_refused_wherever_it_is(saved, place):
    path = saved(**{place: ({"_target_": "os.system"},)})
    for use in (read, read_analysis):
        with pytest.raises(ValueError, match=r"plain values|holds a tuple"):
            use(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": 1}, "config.architecture.generator must be an object"),
        ({"architecture": {}}, "config.architecture.generator must be an object"),
        (architecture("generator", "x"), "config.architecture.generator must be an object"),
        ({"dataset": None}, "the checkpoint's configuration lacks dataset"),
    ],
)
def test_what_is_lacking_is_said(saved, changes, said):
    with pytest.raises(ValueError, match=said):
        read(saved(**changes))
