"""A file may not say where its reader writes, reads and downloads."""

import pytest

from sngan.assembly.places import fingerprint, placed, require_places, with_own_places
from sngan.assembly.trust import check_trusted, fingerprints
from sngan.system.require import SettingError

FOLDER = {"_target_": "sngan.dataset.image_folder.ImageFolder", "root": "/theirs", "image_size": 32}
CIFAR = {
    "_target_": "sngan.dataset.cifar10.Cifar10",
    "root": "/theirs",
    "mirrors": ["https://evil.example/cifar-10-python.tar.gz"],
}
SCORES = {
    "_target_": "sngan.monitor.scores.ScoresMonitor",
    "cache": "/theirs",
    "extractor": {"_target_": "sngan.extractor.inception.Inception", "weights": "/theirs"},
}


def test_places_of_a_stranger_give_way_to_those_of_our_files():
    own = with_own_places({"dataset": CIFAR, "monitor": {"scores": SCORES}}, ())
    assert own["dataset"]["root"] == "data/cifar10"
    assert all("evil" not in mirror for mirror in own["dataset"]["mirrors"])
    assert own["monitor"]["scores"]["cache"] is None
    assert own["monitor"]["scores"]["extractor"]["weights"] is None
    require_places(own)
    check_trusted(own)


def test_one_that_our_files_do_not_name_must_be_given():
    own = with_own_places({"dataset": {**FOLDER, "cache": "/theirs"}}, ())
    assert own["dataset"]["cache"] is None
    assert own["dataset"]["image_size"] == 32
    with pytest.raises(
        SettingError, match=r"^dataset\.root must be given: the checkpoint does not"
    ):
        require_places(own)


def test_what_the_user_has_typed_stays():
    settings = {"dataset": FOLDER, "monitor": {"scores": SCORES}}
    consent = fingerprints(settings)
    assert with_own_places(settings, consent) == settings
    check_trusted(settings, consent)
    changed = {**settings, "dataset": {**FOLDER, "root": "/other"}}
    assert with_own_places(changed, consent)["dataset"]["root"] == "???"
    with pytest.raises(ValueError, match=r"names places that are not yours.*/other"):
        check_trusted(changed, consent)


def test_a_place_within_a_list_is_refused():
    with pytest.raises(ValueError, match="names places that are not yours"):
        check_trusted({"loss": {"_target_": "sngan.loss.hinge.HingeLoss", "x": [FOLDER]}})


@pytest.mark.parametrize("key", ["_args_", "_partial_", "_recursive_", "_convert_"])
@pytest.mark.parametrize("within", [lambda node: node, lambda node: {"x": [node]}])
def test_arguments_without_names_are_refused(key, within):
    """They would be places that nobody looks at."""
    node = within({"_target_": CIFAR["_target_"], key: ["/theirs", CIFAR["mirrors"]]})
    with pytest.raises(ValueError, match=f"Cifar10 {key}, which none has"):
        check_trusted({"dataset": node})


def test_components_of_others_are_trusted_with_what_they_name():
    assert not list(placed({"dataset": {"_target_": "mine.arrays.Arrays", "root": "/x"}}))


def test_the_places_of_another_component_are_other_places():
    (here,) = placed({"dataset": FOLDER})
    assert fingerprint(here) != fingerprint({**here, "_target_": CIFAR["_target_"]})


def test_a_stranger_s_logger_sends_nothing():
    logger = {"_target_": "sngan.logger.wandb.WandbLogger", "mode": "online", "entity": "theirs"}
    server = {"_target_": "sngan.logger.mlflow.MlflowLogger", "tracking_uri": "http://theirs"}
    settings = with_own_places({"logger": {"wandb": logger, "mlflow": server}}, ())
    assert settings["logger"]["wandb"] == {**logger, "mode": "offline", "entity": None}
    assert settings["logger"]["mlflow"] == {**server, "tracking_uri": None}
