import json
import os
import subprocess
import sys

import pytest

from sngan.run_folder.folder import RunFolder
from sngan.run_folder.hold import FolderInUseError, give_back, held, make, no_empty_folder
from sngan.run_folder.metrics import Metrics

HOLD = """
import sys, time
from pathlib import Path
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.hold import held
with held(RunFolder(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """A process that holds a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "run"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_the_second_is_told_by_whom_and_since_when(other, tmp_path):
    with pytest.raises(FolderInUseError) as error, held(RunFolder(tmp_path / "run")):
        pass
    assert f"process {other.pid} on " in str(error.value)
    assert " since 20" in str(error.value)


def test_a_killed_process_holds_nothing(other, tmp_path):
    other.kill()
    other.wait()
    with held(RunFolder(tmp_path / "run")):
        found = json.loads((tmp_path / "run" / ".holder.json").read_text())
        assert found["process"] == os.getpid()
    assert not (tmp_path / "run" / ".holder.json").exists()


def test_what_a_killed_process_left_half_written_goes_once_nobody_writes(other, tmp_path):
    half = tmp_path / "run" / ".metrics.jsonl.4711"
    half.write_text("")
    with pytest.raises(FolderInUseError), held(RunFolder(tmp_path / "run")):
        pass
    assert half.exists()
    other.kill()
    other.wait()
    with held(RunFolder(tmp_path / "run")):
        assert not half.exists()
        half.write_text("")
        with held(RunFolder(tmp_path / "run")):
            assert half.exists()


def test_it_may_be_held_twice_over_and_is_free_only_after_both(tmp_path):
    folder = RunFolder(tmp_path / "run")
    check = [sys.executable, "-c", HOLD.replace("time.sleep(60)", ""), folder.path]
    with held(folder):
        with held(folder):
            pass
        assert b"in use by process" in subprocess.run(check, capture_output=True).stderr
    assert subprocess.run(check, capture_output=True).returncode == 0


def test_who_holds_it_may_not_have_said_so_yet(other, tmp_path):
    (tmp_path / "run" / ".holder.json").write_text("{")
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(FolderInUseError, match="is in use by another process"), held(folder):
        pass


def fail_in(folder, begun):
    with no_empty_folder(RunFolder(folder)):
        (folder / "train.log").touch()
        if begun:
            (folder / "config.yaml").touch()
        raise ValueError("wrong")


def test_failed_start_takes_its_folder_back_but_nothing_else(tmp_path):
    new, users, begun = (tmp_path / name / "folder" for name in ("new", "users", "begun"))
    make(RunFolder(new))
    for folder in (users, begun):
        folder.mkdir(parents=True)
    (users / "train.log").touch()
    within = RunFolder(tmp_path / "made" / "within")
    with pytest.raises(ValueError, match="wrong"), no_empty_folder(within), held(within):
        raise ValueError("wrong")
    assert not within.path.parent.exists()
    for folder in (new, users, begun):
        with pytest.raises(ValueError, match="wrong"):
            fail_in(folder, begun=folder is begun)
    assert not new.parent.exists()
    assert (users / "train.log").exists()
    assert (begun / "train.log").exists()


def test_the_users_own_folder_is_never_taken_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "run"
    folder.mkdir()
    with pytest.raises(ValueError, match="wrong"):
        fail_in(folder, begun=False)
    assert tmp_path.exists()
    assert not folder.exists()


def test_what_was_made_for_a_folder_goes_with_it_and_nothing_else(tmp_path):
    (tmp_path / "mine").mkdir()
    folder = RunFolder(tmp_path / "mine" / "runs" / "a" / "b")
    with held(folder):
        give_back(folder)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine"]


def test_a_run_that_has_begun_is_given_back_until_it_has_trained(tmp_path):
    folder = RunFolder(tmp_path / "run")
    make(folder)
    for path in (folder.config, folder.environment, folder.metrics, folder.log):
        path.touch()
    give_back(folder)
    assert folder.is_run
    Metrics(folder.metrics).log(1, {"loss": 1.0})
    give_back(folder, begun=True)
    assert folder.is_run
    folder.metrics.write_text("")
    give_back(folder, begun=True)
    assert not folder.path.exists()


def test_a_folder_that_another_holds_is_never_given_back(other, tmp_path):
    give_back(RunFolder(tmp_path / "run"), begun=True)
    assert (tmp_path / "run" / ".lock").exists()
