import shlex
import time
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from sngan.console import no_empty_folder, resume_command, run_folder, scale_after_experiment


def test_scale_comes_after_the_experiment_and_before_single_settings():
    words = ["+scale=cpu", "seed=1", "+experiment=cifar10", "total_steps=5", "--cfg", "job"]
    assert scale_after_experiment(words) == [
        "seed=1",
        "+experiment=cifar10",
        "+scale=cpu",
        "total_steps=5",
        "--cfg",
        "job",
    ]
    assert scale_after_experiment(["+scale=cpu", "seed=1"]) == ["+scale=cpu", "seed=1"]


def test_two_runs_in_one_second_have_two_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = set()
    for _ in range(3):
        folder = Path(run_folder(None, "cifar10", "cnn"))
        assert folder.parent == Path("runs/cifar10_cnn")
        folder.mkdir(parents=True)
        folders.add(folder)
    assert len(folders) == 3
    assert time.strftime("%Y-%m-%d") in str(folder)


def test_resumed_run_keeps_its_folder(tmp_path):
    checkpoint = tmp_path / "run" / "checkpoints" / "step_1.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    assert run_folder(str(checkpoint)) == run_folder(str(tmp_path / "run")) == str(tmp_path / "run")


@pytest.mark.parametrize("name", ["plain-1.0", "with space", "a=b", 'q"uote', "it's", "{x},[y]"])
def test_resume_command_survives_shell_and_hydra(name):
    program, word = shlex.split(resume_command(Path("/runs") / name))
    (override,) = OverridesParser.create().parse_overrides([word])
    assert program == "sngan-train"
    assert (override.key_or_group, str(override.value())) == ("resume", f"/runs/{name}")


def test_failed_start_takes_its_folder_back_but_nothing_else(tmp_path):
    for name, kept in (("new", False), ("other", True), ("run", True)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "train.log").touch()
        if name == "other":
            (folder / "precious.txt").touch()
        if name == "run":
            (folder / "config.yaml").touch()
        with pytest.raises(ValueError, match="wrong"), no_empty_folder(folder):
            raise ValueError("wrong")
        assert folder.exists() == kept
        assert (folder / "train.log").exists() == (name == "run")
