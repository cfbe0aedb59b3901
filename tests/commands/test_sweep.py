"""Sweeps: names, scores, and going on where one was interrupted."""

import shlex
import shutil

import hydra
import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.hydra_versions import BASE
from sngan.commands.sweep import DIVERGED, named, score_of
from sngan.commands.sweep_end import SweepNoted, begun
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


ONE_FAILS = (
    "-m", "+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "total_steps=1",
    "setting.lr=0.001,1e9", "run_dir=sweep",
)  # fmt: skip


def assert_one_failed(process, tmp_path, code):
    """One has ended, of the other there is nothing; what is printed goes on."""
    assert process.returncode == code
    assert process.stdout.splitlines()[-1].split()[:2] == ["0_lr-0.001", "1"]
    *_, count, again = process.stderr.splitlines()
    assert count == "1 of 2 runs did not reach their ends"
    words = shlex.split(again.partition("the sweep goes on with: ")[2])
    assert words[1:-1] == [word for word in ONE_FAILS if word != "run_dir=sweep"]
    assert words[-1] == f"resume={tmp_path / 'sweep'}"


def test_a_run_that_failed_is_counted_and_the_sweep_can_go_on(in_process, tmp_path):
    assert_one_failed(in_process("sngan-train", *ONE_FAILS, check=False), tmp_path, 2)


@pytest.mark.slow
def test_runs_in_other_processes_are_seen(command, tmp_path):
    """The workers of a launcher know what came of them, the command finds their folders."""
    launcher = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    process = command("sngan-train", *ONE_FAILS, *launcher, check=False)
    process.stderr = process.stderr.replace(f"{' '.join(launcher)} ", "")
    assert_one_failed(process, tmp_path, 1)
    words = [word for word in ONE_FAILS if not word.startswith(("run_dir", "setting"))]
    process = command("sngan-train", *words, *launcher, "seed=0,1")
    assert len(process.stdout.splitlines()[-1].split()) > 3
    assert "goes on with" not in process.stderr


def test_what_was_refused_before_it_began_does_not_go_on(in_process):
    process = in_process("sngan-train", *ONE_FAILS, "seting.lr=1", check=False)
    assert process.returncode == 2
    assert "goes on with" not in process.stderr
    process = in_process("sngan-train", *ONE_FAILS, "setting.lr=1e9,1e10", check=False)
    assert process.returncode == 2
    assert "2 of 2 runs did not reach their ends" in process.stderr
    assert "goes on with" not in process.stderr


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("seed=0,1,2", "setting=A,B"), 6),
        (("seed=range(0,4)", "loss=hinge"), 4),
        (("seed=0,1", "hydra.sweep.subdir=x/${seed}"), None),
    ],
)
def test_jobs_are_counted_where_that_can_be(words, count):
    begun.clear()
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        loader = GlobalHydra.instance().config_loader()
        config = loader.load_configuration(
            "train", named(["-m", *words])[1:], run_mode=RunMode.MULTIRUN
        )
        SweepNoted().on_multirun_start(config)
    assert [*begun.values()] == [count]
