"""Which folder a training gets, and the command that continues it."""

import shlex
import time
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from sngan.commands.run_dir import SHOWS, SWEEPS, gives_one, resume_command, run_dir
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
    checkpoint = tmp_path / "run" / "checkpoints" / "step_0000001.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    (tmp_path / "run" / "config.yaml").touch()
    assert run_dir(str(checkpoint)) == run_dir(str(tmp_path / "run")) == str(tmp_path / "run")


def test_a_folder_to_continue_in_which_there_is_nothing_stays_as_it_is(tmp_path, capsys):
    with pytest.raises(SystemExit):
        run_dir(str(tmp_path))
    assert "is neither a checkpoint nor a run folder with one" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_options_that_show_or_sweep_are_found_however_they_are_written():
    for words in (["--cfg", "job"], ["--cfg=job"], ["-cjob"], ["a=b", "-c", "job"]):
        assert gives_one(words, SHOWS)
    assert not gives_one(["dataset.root=-c", "cfg=job", "--config-dir", "x"], SHOWS)
    assert gives_one(["-m", "seed=0,1"], SWEEPS)


@pytest.mark.parametrize("name", ["plain-1.0", "with space", "a=b", 'q"uote', "it's", "{x},[y]"])
def test_resume_command_survives_shell_and_hydra(name, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: "/usr/bin/sngan-train")
    program, word = shlex.split(resume_command(RunFolder(Path("/runs") / name)))
    (override,) = OverridesParser.create().parse_overrides([word])
    assert program == "sngan-train"
    assert (override.key_or_group, str(override.value())) == ("resume", f"/runs/{name}")
