"""Trainings that take turns in one process are those that they would have been alone."""

import json
import os
import signal
from dataclasses import replace

import pytest
import torch

from sngan.assembly.compose import compose_trainings
from sngan.assembly.run import Job, run
from sngan.dataset.synthetic import SyntheticShapes
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import RunFolder
from sngan.step.iteration import Iteration
from sngan.system.random_state import OwnRandomState
from sngan.training.loop import DivergenceError, Result
from sngan.training.pack import run_together

CPU = torch.device("cpu")
WORDS = ("dataset=synthetic", "dataset.num_images=80", "+scale=smoke", "total_steps=5")


def jobs(folder, *seeds, words=()):
    ((settings, _),) = compose_trainings([[*WORDS, *words]])
    return [
        Job({**settings, "seed": seed}, RunFolder(folder / str(seed)), label=str(seed))
        for seed in seeds
    ]


def state_of(folder):
    state = checkpoint.load(latest(folder))
    return {key: state[key] for key in ("step", "iteration", "losses", "random")}


@pytest.mark.slow
def test_every_training_is_what_it_is_alone(tmp_path):
    """Packs of different company, and none: networks, optimizers, data order, random state."""
    words = ("monitor=[validation_loss]", "monitor.validation_loss.every=2")
    together = run(jobs(tmp_path / "together", 3, 4, 5, words=words))
    (alone,) = run(jobs(tmp_path / "alone", 4, words=words))
    assert all(isinstance(end, Result) and end.step == 5 for end in (*together, alone))
    folders = [tmp_path / "together" / "4", tmp_path / "alone" / "4"]
    torch.testing.assert_close(*map(state_of, folders), rtol=0, atol=0)
    values = [
        [
            (entry["step"], entry["name"], entry["value"])
            for line in (folder / "metrics.jsonl").read_text().splitlines()
            for entry in [json.loads(line)]
            if entry["name"].startswith("loss/")
        ]
        for folder in folders
    ]
    assert values[0] == values[1]


def training_of(name, count, order=None):
    """Return what builds a training that does nothing but rest."""

    def go(should_stop):
        for _ in range(count):
            if order is not None:
                order.append(name)
            should_stop()
        return name

    return lambda: go


def test_they_take_turns():
    order = []
    trainings = [training_of("a", 3, order), training_of("b", 1, order)]
    assert run_together(trainings, CPU) == ["a", "b"]
    assert order == ["a", "b", "a", "a"]


def test_one_that_fails_does_not_stop_the_others():
    def failing(should_stop):
        should_stop()
        raise DivergenceError("nan")

    def not_to_be_built():
        raise ValueError("wrong")

    trainings = [lambda: failing, training_of("done", 3), not_to_be_built]
    failed, done, refused = run_together(trainings, CPU)
    assert isinstance(failed, DivergenceError)
    assert done == "done"
    assert str(refused) == "wrong"


def test_a_signal_saves_all_and_all_go_on(tmp_path, monkeypatch):
    run(jobs(tmp_path / "alone", 1))
    packed = jobs(tmp_path / "packed", 0, 1)
    with monkeypatch.context() as change:
        prepare = Iteration.prepare

        def interrupted(iteration):
            os.kill(os.getpid(), signal.SIGINT)
            change.setattr(Iteration, "prepare", prepare)
            prepare(iteration)

        change.setattr(Iteration, "prepare", interrupted)
        ends = run(packed)
    assert [(end.step, end.interrupted) for end in ends] == [(1, True), (1, True)]
    states = [checkpoint.load(latest(job.folder.path)) for job in packed]
    again = [replace(job, state=state) for job, state in zip(packed, states, strict=True)]
    assert [end.step for end in run(again)] == [5, 5]
    found, wanted = (state_of(path) for path in (packed[1].folder.path, tmp_path / "alone" / "1"))
    del found["losses"], wanted["losses"]  # Summed since the last entry, which differs.
    torch.testing.assert_close(found, wanted, rtol=0, atol=0)


def test_a_signal_while_a_training_is_built_ends_the_program():
    """It may be a download of hours."""

    def building():
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_together([building], CPU)


def test_a_signal_while_a_single_training_is_built_ends_the_program(tmp_path, monkeypatch):
    def load(dataset, split):
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(SyntheticShapes, "load", load)
    with pytest.raises(KeyboardInterrupt):
        run(jobs(tmp_path, 0))


def test_own_random_numbers_go_on_where_they_were_left():
    torch.manual_seed(0)
    expected = torch.rand(4)
    torch.manual_seed(0)
    own = OwnRandomState(CPU)
    torch.manual_seed(1)
    shared = torch.get_rng_state()
    found = []
    for _ in range(2):
        with own:
            found.append(torch.rand(2))
        assert torch.equal(torch.get_rng_state(), shared)
    assert torch.equal(torch.cat(found), expected)


@pytest.mark.slow
def test_command_packs_seeds_and_continues_them(command, tmp_path):
    words = (*WORDS[:3], "total_steps=2")
    command("sngan-train", *words, "pack=2", "seed=7", "run_dir=r")
    folders = sorted(path.name for path in (tmp_path / "r").glob("seed_*"))
    assert folders == ["seed_7", "seed_8"]
    assert checkpoint.load(latest(tmp_path / "r/seed_8"))["config"]["seed"] == 8
    finished = command("sngan-train", "resume=r", "total_steps=3").stdout
    assert finished.count("finished 3 steps") == 2
    process = command("sngan-train", *words, "run_dir=r", check=False)
    assert process.returncode == 2
    assert "holds a run already; continue it: resume=" in process.stderr


@pytest.mark.parametrize("pack", [0, "many"])
def test_pack_must_be_a_number(in_process, pack):
    process = in_process("sngan-train", *WORDS, f"pack={pack}", check=False)
    assert process.returncode == 2
    assert f"pack must be an integer between 1 and 256, got {pack}" in process.stderr


@pytest.mark.slow
def test_of_a_pack_those_begin_anew_that_have_no_checkpoint_yet(in_process, tmp_path):
    """A kill may come between the first checkpoints; what goes on is what it would have been."""
    words = (*WORDS[:3], "total_steps=2", "checkpoint_every=1", "pack=2")
    in_process("sngan-train", *words, "run_dir=whole")
    in_process("sngan-train", *words, "run_dir=parts")
    for path in (tmp_path / "parts/seed_0/checkpoints").iterdir():
        path.unlink()
    (tmp_path / "parts/seed_1/checkpoints/step_0000002.pt").unlink()
    process = in_process("sngan-train", "resume=parts")
    assert "seed_0 has no checkpoint and begins anew" in process.stderr
    assert process.stdout.count("finished 2 steps") == 2
    for name in ("seed_0", "seed_1"):
        found, wanted = (state_of(tmp_path / folder / name) for folder in ("parts", "whole"))
        torch.testing.assert_close(found, wanted, rtol=0, atol=0)


@pytest.mark.slow
def test_without_any_checkpoint_the_same_pack_begins_anew(in_process, tmp_path):
    words = (*WORDS[:3], "total_steps=2", "pack=2", "run_dir=r")
    in_process("sngan-train", *words)
    for path in tmp_path.glob("r/seed_*/checkpoints/*"):
        path.unlink()
    resumed = in_process("sngan-train", "resume=r", check=False)
    assert "seed_0 holds a run without a checkpoint" in resumed.stderr
    (tmp_path / "r/seed_1/config.yaml").unlink()  # It was killed while the first was built.
    assert in_process("sngan-train", *words).stdout.count("finished 2 steps") == 2


def test_pictures_are_loaded_once(tmp_path, monkeypatch):
    loads = []
    load = SyntheticShapes.load
    monkeypatch.setattr(
        SyntheticShapes, "load", lambda self, split: loads.append(split) or load(self, split)
    )
    run(jobs(tmp_path, 0, 1, 2))
    assert loads == ["train"]
