import shlex

import pytest

from sngan.commands import advice
from sngan.commands.advice import inception_advice, score_command, trust_words

SETTINGS = {"loss": {"_target_": "sngan.loss.hinge.HingeLoss"}}
MANY = 50_000


@pytest.fixture(autouse=True)
def weights(tmp_path, monkeypatch):
    """Return where the network of FID is looked for."""
    monkeypatch.setattr("shutil.which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setenv("SNGAN_INCEPTION", str(tmp_path / "weights.pth"))
    return tmp_path / "weights.pth"


def words_for(path, settings=SETTINGS, pictures=MANY, arguments=()):
    return shlex.split(score_command(path, settings, pictures, *arguments))


def test_where_everything_is_there_no_words_are_needed(tmp_path, weights):
    weights.touch()
    assert inception_advice() is None
    assert words_for(tmp_path / "a.pt") == ["sngan-eval", str(tmp_path / "a.pt")]
    best = words_for(tmp_path / "a.pt", arguments=("a run", "--best"))
    assert best == ["sngan-eval", "a run", "--best"]


def test_without_the_network_of_fid_another_is_named_if_it_is_installed(tmp_path, monkeypatch):
    assert inception_advice() == "sngan-eval --fetch-inception"
    assert words_for(tmp_path / "a.pt")[2:] == ["extractor=efficientnet_lite0"]
    monkeypatch.setattr(advice, "find_spec", lambda name: None)
    assert words_for(tmp_path / "a.pt")[2:] == []


@pytest.mark.parametrize(
    ("pictures", "words"), [(9_999, ["protocol.paper.num_real=null"]), (10_000, [])]
)
def test_small_sets_enter_whole(tmp_path, weights, pictures, words):
    weights.touch()
    assert words_for(tmp_path / "a.pt", pictures=pictures)[2:] == words


def test_what_no_folder_remembers_must_be_said(tmp_path, weights):
    weights.touch()
    settings = {"loss": {"_target_": "pathlib.PurePath"}}
    assert trust_words(tmp_path / "a.pt", SETTINGS) == []
    assert words_for(tmp_path / "a.pt", settings)[2:] == ["trust=[pathlib]"]


def test_the_best_is_scored_with_the_network_that_found_it_the_best(tmp_path):
    mine = {
        "_target_": "sngan.extractor.efficientnet_lite0.EfficientNetLite0", "input_size": 32,
    }  # fmt: skip
    command = score_command(tmp_path / "a.pt", SETTINGS, MANY, "run", "--best", by=mine)
    words = ["extractor=efficientnet_lite0", "extractor.input_size=32"]
    assert shlex.split(command) == ["sngan-eval", "run", "--best", *words]
    inception = {
        "_target_": "sngan.extractor.inception.Inception", "weights": "my file", "preset": "tf1",
    }  # fmt: skip
    assert advice.extractor_words(inception) == ["extractor.weights='my file'"]
    assert advice.extractor_words({"_target_": "mine.Mine"}) == []
