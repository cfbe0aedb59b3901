"""``train`` is ``sngan-train``: the same run, errors as exceptions, nothing left behind."""

import shutil

import pytest
import torch

from sngan.api.training import train
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.metrics import read_metrics
from sngan.system import float32

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100")


def losses(folder):
    lines = read_metrics(folder / "metrics.jsonl")
    return [(x["step"], x["name"], x["value"]) for x in lines if x["name"].startswith("loss/")]


def same_generators(*folders):
    first, second = (checkpoint.load(latest(x))["iteration"]["generator"] for x in folders)
    return all(torch.equal(weight, second[name]) for name, weight in first.items())


def test_it_leaves_what_the_command_leaves(run, in_process, tmp_path):
    in_process("sngan-train", *SMOKE, "run_dir=theirs")
    theirs = tmp_path / "theirs"
    assert losses(run) == losses(theirs)
    assert len(losses(run)) == 4  # Of D and of G, at steps 2 and 4.
    assert (run / "config.yaml").read_text() == (theirs / "config.yaml").read_text()
    assert same_generators(run, theirs)


def test_it_says_where_it_ended(tmp_path):
    result = train(*SMOKE, run_dir=tmp_path / "run")
    assert (result.step, result.interrupted, result.best) == (4, False, None)
    assert result.checkpoint == tmp_path / "run" / "checkpoints" / "step_0000004.pt"
    assert result.checkpoint.is_file()


def test_scale_acts_on_an_experiment_whatever_the_order(tmp_path):
    words = ("+scale=smoke", "+experiment=quickstart", "dataset.num_images=100")
    assert train(*words, run_dir=tmp_path / "run").step == 4


def test_a_run_goes_on_where_it_was_left(run, tmp_path):
    folder = shutil.copytree(run, tmp_path / "run")
    assert train("total_steps=5", resume=folder).step == 5
    assert train("total_steps=6", resume=folder, run_dir=folder).step == 6
    whole = tmp_path / "whole"
    train(*SMOKE, "total_steps=6", run_dir=whole)
    assert same_generators(folder, whole)
    assert not same_generators(folder, run)


def test_a_checkpoint_goes_on_in_a_folder_that_is_named(run, tmp_path):
    lone = tmp_path / "lone.pt"
    shutil.copy(latest(run), lone)
    with pytest.raises(ValueError, match=r"run_dir must be given: .*lone.pt does not lie in a run"):
        train("total_steps=6", resume=lone)
    assert train("total_steps=6", resume=lone, run_dir=tmp_path / "new").step == 6
    in_run = shutil.copytree(run, tmp_path / "copy")
    assert train("total_steps=6", resume=latest(in_run)).checkpoint.is_relative_to(in_run)


def test_a_folder_with_a_run_is_refused(run, tmp_path):
    before = (run / "metrics.jsonl").read_text()
    with pytest.raises(ValueError, match="holds a run already; continue it: resume="):
        train(*SMOKE, run_dir=run)
    other = shutil.copytree(run, tmp_path / "other")
    with pytest.raises(ValueError, match="holds a run already; continue it: resume="):
        train("total_steps=6", resume=other, run_dir=run)
    packed = shutil.copytree(run, tmp_path / "packed" / "seed_0").parent
    with pytest.raises(ValueError, match="holds a run already"):
        train(*SMOKE, run_dir=packed)
    assert (run / "metrics.jsonl").read_text() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dataset=nowhere",), "there is no dataset=nowhere; accepted: cifar10, "),
        (("steps=3",), "there is no setting steps"),
        (("setting.n_dis=0",), "setting.n_dis must be an integer between 1 and 1000, got 0"),
        (("loss=auxiliary_classifier",), "go together"),
        (("dataset=synthetic", "dataset.image_size=33"), "^dataset.image_size must be a multiple"),
        (("total_steps=1,2",), "Ambiguous value"),
        (("synthetic",), "cannot read synthetic"),
        (("pack=2",), "pack is for sngan-train, train does one run; got pack=2"),
        (("hydra.run.dir=x",), "hydra is for sngan-train"),
        (("run_dir=x",), "run_dir is an argument of train, got the word run_dir=x"),
        (("resume=x",), "resume is an argument of train"),
    ],
)
def test_what_is_wrong_is_a_value_error(words, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        train(*words, run_dir=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_cannot_change_when_a_run_goes_on_is_named(run):
    with pytest.raises(ValueError, match=r"setting.lr=1 cannot be changed \(accepted: total_steps"):
        train("setting.lr=1", resume=run)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        train(resume=run / "nowhere")
    with pytest.raises(ValueError, match="run_dir must be given, unless resume is"):
        train(*SMOKE)


def test_a_failure_during_the_training_is_raised(tmp_path):
    with pytest.raises(FloatingPointError, match="step 2"):
        train(*SMOKE, "setting.lr=1e6", "method=vanilla", run_dir=tmp_path / "run")


def test_own_groups_are_found_and_their_classes_are_trusted(tmp_path, monkeypatch):
    (tmp_path / "strange_losses.py").write_text(
        "from sngan.loss.hinge import HingeLoss\nclass Theirs(HingeLoss):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    group = tmp_path / "configs" / "loss"
    group.mkdir(parents=True)
    (group / "theirs.yaml").write_text("_target_: strange_losses.Theirs\n")
    words = (*SMOKE, "loss=theirs", "total_steps=1")
    with pytest.raises(ValueError, match="there is no loss=theirs"):
        train(*words, run_dir=tmp_path / "run")
    result = train(*words, run_dir=tmp_path / "run", config_dir=tmp_path / "configs")
    assert (
        checkpoint.load(result.checkpoint)["config"]["loss"]["_target_"] == "strange_losses.Theirs"
    )


def test_the_caller_s_random_numbers_and_choice_of_tf32_go_on(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    first = torch.rand(1)
    float32.set_float32_precision("tf32", torch.device("cuda"))
    before = float32.float32_switches()
    try:
        train(*SMOKE, "total_steps=1", run_dir=tmp_path / "run")
        assert float32.float32_switches() == before
    finally:
        float32.use_exact_float32()
    assert torch.equal(torch.cat([first, torch.rand(1)]), expected)
