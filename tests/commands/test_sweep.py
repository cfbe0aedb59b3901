"""Sweeps: names, scores, and going on where one was interrupted."""

import shutil

import pytest

from sngan.commands.sweep import DIVERGED, named, score_of
from sngan.run_folder.folder import Best, RunFolder
from sngan.run_folder.metrics import Metrics

SWEEP = (
    "-m", "+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "log_every=1",
    "checkpoint_every=2", "seed=0,1,2",
)  # fmt: skip


def test_what_is_swept_names_the_runs():
    assert named(["-m", "seed=0,1", "setting=A"])[3:] == [
        "hydra.sweep.subdir='${sngan.sweep_name:seed}'"
    ]
    for own in (["seed=1"], ["seed=0,1", "hydra.sweep.subdir=x"]):
        assert named(own) == own


def test_score_is_the_best_one_else_the_discriminator_s_loss(tmp_path):
    run = RunFolder(tmp_path)
    assert score_of(run) == DIVERGED
    Metrics(run.metrics).log(2, {"loss/discriminator": 3.0, "distance/x": 9.0})
    assert score_of(run) == 3.0
    run.checkpoint(1).parent.mkdir()
    run.checkpoint(1).touch()
    run.note_best(Best(1, "distance/x", 7.0))
    assert score_of(run) == 7.0


@pytest.mark.slow
def test_a_sweep_goes_on(in_process, tmp_path):
    process = in_process("sngan-train", *SWEEP, "run_dir=sweep")
    rows = [line.split()[:2] for line in process.stdout.splitlines()[-3:]]
    assert rows == [["0_seed-0", "4"], ["1_seed-1", "4"], ["2_seed-2", "4"]]
    finished, half, gone = (tmp_path / "sweep" / f"{seed}_seed-{seed}" for seed in range(3))
    (half / "checkpoints" / "step_0000004.pt").unlink()
    before = (half / "checkpoints" / "step_0000002.pt").stat().st_mtime_ns
    untouched = (finished / "metrics.jsonl").stat().st_mtime_ns
    shutil.rmtree(gone)
    process = in_process("sngan-train", *SWEEP, "resume=sweep")
    assert process.stdout.count("finished before: ") == 1
    assert (finished / "metrics.jsonl").stat().st_mtime_ns == untouched
    assert (half / "checkpoints" / "step_0000002.pt").stat().st_mtime_ns == before
    assert all((run / "checkpoints" / "step_0000004.pt").exists() for run in (half, gone))
    process = in_process("sngan-train", *SWEEP, "resume=sweep", "log_every=2", check=False)
    assert process.returncode == 2
    assert "holds a run of other settings" in process.stderr
