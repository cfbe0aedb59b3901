"""Hydra's launchers, two real worker processes each; one is killed in the middle."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest

COMMAND = (
    Path(sys.executable).with_name("sngan-reproduce"), "--scale", "smoke", "--folder", "r",
    "--only", "figure1/cifar10", "--method", "vanilla", "--setting", "B,C", "total_steps=300",
    "log_every=1", "sample_every=300", "checkpoint_every=20", "monitor.scores.every=300",
    "extractor.input_size=32",
)  # fmt: skip
STEPS = 300
LAUNCHERS = {
    "joblib": ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
    "submitit": ("hydra/launcher=submitit_local", "--workers", "2"),
    "ray": ("hydra/launcher=ray", "--workers", "2", "+hydra.launcher.ray.init.num_cpus=2"),
}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds workers through /proc")
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_killed_worker_loses_nothing(launcher, tmp_path):
    """What it had saved is continued, by another worker or by the same command again."""
    command = [*COMMAND, *LAUNCHERS[launcher]]
    parent = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    victims = _workers_with_a_checkpoint(tmp_path / "r")
    assert parent.pid not in victims.values()
    assert len(set(victims.values())) == 2  # Two cells in two processes, at the same time.
    killed, worker = next(iter(victims.items()))
    os.kill(worker, signal.SIGKILL)
    parent.wait(timeout=200)
    again = _again(command, tmp_path)
    assert again.returncode == 0, again.stderr
    assert "2 cells" in again.stdout
    assert "2 finished" in again.stdout
    for name in victims:
        run = tmp_path / "r" / "cells" / name
        lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        steps = [line["step"] for line in lines if line["name"] == "loss/generator"]
        assert steps == list(range(1, STEPS + 1))
        assert checkpoint.load(latest(run))["step"] == STEPS
    starts = json.loads((tmp_path / "r" / "cells" / killed / "environment.json").read_text())
    assert len(starts) == 2
    assert starts[1]["step"] >= 20


def _again(command, folder):
    """Run the command again, until no worker of the first call is left that holds a cell."""
    for _ in range(20):
        process = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200)
        if " running" not in process.stdout:
            break
        time.sleep(3)
    return process


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds workers through /proc")
def test_ctrl_c_saves_what_all_workers_train(tmp_path):
    command = [*COMMAND, *LAUNCHERS["joblib"]]
    parent = subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    cells = _workers_with_a_checkpoint(tmp_path / "r")
    os.killpg(parent.pid, signal.SIGINT)  # As a terminal does: everybody gets it.
    _, errors = parent.communicate(timeout=100)
    assert parent.returncode == 130
    assert "the same command goes on with what is left" in errors
    assert "Traceback" not in errors
    for name in cells:
        run = tmp_path / "r" / "cells" / name
        lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        logged = max(line["step"] for line in lines if line["name"] == "loss/generator")
        assert checkpoint.load(latest(run))["step"] == logged


def _workers_with_a_checkpoint(folder):
    """Wait until two cells have a checkpoint and are not finished; return who works on each."""
    for _ in range(1200):
        begun = {path.parents[1].name for path in folder.glob("cells/*/checkpoints/*.pt")}
        workers = {name: _holder(folder / "cells" / name / "train.log") for name in begun}
        if len(begun) == 2 and all(workers.values()):
            return workers
        time.sleep(0.1)
    raise AssertionError("no two cells were worked on at the same time")


def _holder(path):
    """Return the process that has a file open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink() == path:
                return int(link.parts[2])
        except OSError:  # Gone, or not ours.
            continue
    return None
