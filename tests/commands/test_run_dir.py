"""Which folder a training gets, and the command that continues it."""

import shlex
import time
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from sngan.commands.run_dir import resume_command, run_dir
from sngan.run_folder.folder import RunFolder


def test_two_runs_in_one_second_have_two_folders(tmp_path, monkeypatch):
    """They are made at once, so that another process cannot take the same name."""
    monkeypatch.chdir(tmp_path)
    folders = set()
    for _ in range(3):
        folder = Path(run_dir(None, "cifar10", "cnn"))
        assert folder.parent == Path("runs/cifar10_cnn")
        assert folder.is_dir()
        folders.add(folder)
    assert len(folders) == 3
    assert time.strftime("%Y-%m-%d") in str(folder)


def test_whoever_only_asks_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["sngan-train", "--cfg", "job", "--resolve"])
    assert not Path(run_dir(None, "cifar10")).exists()


def test_members_of_a_list_name_the_folder_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = ("cifar10", "wasserstein", {"spectral_norm": {}, "gradient_penalty": {}})
    folder = Path(run_dir(None, *parts))
    assert folder.parent == Path("runs/cifar10_wasserstein_spectral_norm+gradient_penalty")
    assert Path(run_dir(None, "cifar10", None)).parent == Path("runs/cifar10")


def test_resumed_run_keeps_its_folder(tmp_path):
    checkpoint = tmp_path / "run" / "checkpoints" / "step_1.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    (tmp_path / "run" / "config.yaml").touch()
    assert run_dir(str(checkpoint)) == run_dir(str(tmp_path / "run")) == str(tmp_path / "run")


def test_checkpoint_that_lies_by_itself_continues_in_a_new_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoint = tmp_path / "downloads" / "weights" / "a.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    assert run_dir(str(checkpoint), "cifar10").startswith("runs/cifar10/")


@pytest.mark.parametrize("name", ["plain-1.0", "with space", "a=b", 'q"uote', "it's", "{x},[y]"])
def test_resume_command_survives_shell_and_hydra(name, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: "/usr/bin/sngan-train")
    program, word = shlex.split(resume_command(RunFolder(Path("/runs") / name)))
    (override,) = OverridesParser.create().parse_overrides([word])
    assert program == "sngan-train"
    assert (override.key_or_group, str(override.value())) == ("resume", f"/runs/{name}")
