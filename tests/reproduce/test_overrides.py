"""Each word goes to the command that knows it."""

from pathlib import Path

import pytest

from sngan.reproduce.overrides import assign, changes_results, decisive, length, without_place


def test_words_are_shared_out():
    words = assign(
        "paper",
        [
            "dataset=image_folder",
            "dataset.root=here",
            "extractor=efficientnet_lite0",
            "extractor.input_size=64",
            "protocol=quick",
            "monitor.scores.every=7",
            "protocol@monitor.scores.protocol=quickstart",
            "device=cpu",
            "precision=bfloat16",
            "hydra/launcher=joblib",
            "hydra.launcher.n_jobs=2",
        ],
    )
    assert words.train == (
        "keep_checkpoints=2", "dataset=image_folder", "dataset.root=here", "device=cpu",
        "precision=bfloat16",
    )  # fmt: skip
    assert words.evaluate == (
        "extractor=efficientnet_lite0", "extractor.input_size=64", "protocol=quick", "device=cpu",
    )  # fmt: skip
    assert words.monitor == (
        "extractor@monitor.scores.extractor=efficientnet_lite0",
        "monitor.scores.extractor.input_size=64",
        "monitor.scores.every=7",
        "protocol@monitor.scores.protocol=quickstart",
    )
    assert words.launch == ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    assert words.of_dataset("stl10") == ("dataset=image_folder", "dataset.root=here")


def test_a_scale_brings_its_own_words_before_the_user_s():
    words = assign("cpu", ["protocol=quickstart"])
    assert words.train == ("+scale=cpu", "keep_checkpoints=2")
    assert words.evaluate == (
        "extractor=efficientnet_lite0",
        "protocol=quick",
        "protocol=quickstart",
    )


def test_smoke_has_pictures_of_its_own_unless_the_user_names_some():
    replaced = assign("smoke", []).replacing("stl10")
    assert "dataset=synthetic" in replaced
    assert "dataset.image_size=48" in replaced
    assert assign("smoke", ["dataset=image_folder"]).replacing("stl10") == ()


@pytest.mark.parametrize(
    ("word", "instead"),
    [
        ("seed=1", "--seeds"),
        ("method=vanilla", "--method"),
        ("+experiment=cifar10", "--only"),
        ("experiment=cifar10", "--only"),
        ("scale=cpu", "--scale"),
        ("+scale=cpu", "--scale"),
        ("run_dir=x", "--folder"),
        ("monitor=[scores]", "the plan says"),
        ("nonsense", "KEY=VALUE"),
    ],
)
def test_what_the_plan_decides_is_refused(word, instead):
    with pytest.raises(ValueError, match=instead):
        assign("paper", [word])


def test_lengths():
    assert length("paper", 100_000, ()) == []
    assert length("cpu", 200_000, ()) == ["total_steps=12000"]
    assert length("cpu", 200, ("total_steps=200",)) == []
    assert length("mini", 100_000, ("setting=A",)) == ["total_steps=4000"]
    assert length("smoke", 200, ("total_steps=200",)) == ["total_steps=4"]


@pytest.mark.parametrize(
    "word", ["precision=bfloat16", "total_steps=7", "setting.lr=1", "dataset.image_size=64"]
)
def test_words_that_make_other_trainings(word):
    assert changes_results(word)


@pytest.mark.parametrize(
    "word", ["device=cuda", "checkpoint_every=5", "dataset.root=x", "protocol=quick", "cache=x"]
)
def test_words_that_do_not(word):
    assert not changes_results(word)


def test_places_are_left_out_of_what_others_read():
    words = [
        "dataset.root=/home/me",
        "cache=/home/me",
        "dataset=image_folder",
        "hydra/launcher=ray",
    ]
    assert [without_place(word) for word in words] == [
        "dataset.root=...", "cache=...", "dataset=image_folder", "hydra/launcher=ray",
    ]  # fmt: skip


def test_what_all_cells_of_a_folder_share():
    words = ["dataset=cifar10", "dataset.root=x", "setting.lr=1", "device=cuda", "cache=y"]
    assert decisive(words) == ["dataset=cifar10", "setting.lr=1"]
    words = ["dataset=image_folder", "dataset.root=x", "+dataset.cache=y"]
    assert decisive(words) == ["dataset=image_folder", f"dataset.root={Path('x').absolute()}"]
