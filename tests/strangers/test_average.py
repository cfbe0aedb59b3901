"""An average of a package outside the repository: what it is, and who must consent."""

import json
import shutil

import pytest
import torch

from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest

WORDS = (
    "+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "device=cpu",
    "checkpoint_every=1", "keep_checkpoints=null", "average=late_mean", "average.after=1",
)  # fmt: skip
SCORES = ("extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=smoke", "device=cpu")
REFUSED = "mine.late_mean.LateMean', which is not of sngan; 'trust=[mine]'"
pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture(scope="module")
def trained(known, run_in_process, tmp_path_factory):
    """Return the folder of a training of four iterations; tests copy it."""
    folder = tmp_path_factory.mktemp("trained")
    run_in_process(folder, "sngan-train", *WORDS, "total_steps=4", "run_dir=run")
    return folder / "run"


@pytest.fixture
def run(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "run")
    return tmp_path / "run"


def weights(run, step, part):
    state = checkpoint.load(run / "checkpoints" / f"step_{step:07d}.pt")
    return state[part]["generator"]["dense.weight"]


def test_it_is_the_mean_of_what_g_was(run):
    """After an iteration that does not count: the mean of the second to the fourth."""
    raw = torch.stack([weights(run, step, "iteration") for step in (2, 3, 4)])
    assert raw.std(dim=0).max() > 0
    torch.testing.assert_close(weights(run, 4, "average"), raw.mean(dim=0))


def test_its_owner_goes_on_and_gets_what_nobody_interrupted(run, in_process):
    expected = weights(run, 4, "average")
    for step in (3, 4):
        (run / "checkpoints" / f"step_{step:07d}.pt").unlink()
    in_process("sngan-train", f"resume={run}")
    assert torch.equal(weights(run, 4, "average"), expected)


def test_others_continue_with_consent_and_score_without(run, in_process, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    shutil.copy(latest(run), tmp_path / "alone.pt")
    for place in ("alone.pt", run):
        words = ("sngan-train", f"resume={place}", "total_steps=5", "run_dir=new")
        process = in_process(*words[: 4 if place == "alone.pt" else 3], check=False)
        assert process.returncode == 2
        assert REFUSED in process.stderr
    assert not (tmp_path / "new").exists()
    (sheet,) = json.loads(in_process("sngan-eval", "alone.pt", *SCORES, "--json").stdout)["scores"]
    assert sheet["weights"] == "average"
    in_process("sngan-sample", "alone.pt", "--count=4", "--device=cpu")
    in_process("sngan-train", "resume=alone.pt", "total_steps=5", "run_dir=new", "trust=[mine]")
    assert latest(tmp_path / "new").name == "step_0000005.pt"
