"""What a reproduction's folder says of its cells."""

import subprocess
import sys
from dataclasses import replace

import pytest

from sngan.reproduce.reproduction import Record, Reproduction


@pytest.fixture
def one(reproduction):
    """A folder with one cell."""
    folder, plan = reproduction()
    (cell,) = plan.cells.by_name.values()
    return folder, plan, cell


def test_states(one):
    folder, plan, cell = one
    key = plan.evaluation_key
    assert folder.state(cell, key) == "waiting"
    assert folder.missing(cell, key) == ["train"]  # The figure by itself needs no scores.
    checkpoint = folder.of_cell(cell.name).path / "checkpoints" / "step_0000002.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    assert folder.state(cell, key) == "unfinished"
    with folder.held(cell.name) as is_ours:
        assert is_ours
        assert not _others_can_hold(folder, cell)
    assert _others_can_hold(folder, cell)
    folder.note(cell.name, failure="ValueError: no")
    assert folder.state(cell, key) == "failed"
    folder.note(cell.name, failure="", ended="diverged", said="step 3")
    assert folder.state(cell, key) == "diverged"
    assert folder.record(cell.name) == Record(ended="diverged", said="step 3")


@pytest.mark.slow
def test_another_evaluation_scores_again(reproduction):
    folder, plan = reproduction("method=vanilla", "setting=B", key="figure1")
    cell = next(iter(plan.cells.by_name.values()))
    assert folder.missing(cell, plan.evaluation_key) == ["train", "scores"]
    folder.note(cell.name, ended="diverged", sheets={plan.evaluation_key: {}})  # Nothing saved.
    assert folder.state(cell, plan.evaluation_key) == "diverged"
    assert folder.missing(cell, "another") == ["scores"]
    assert folder.state(cell, "another") == "unfinished"


def test_running_while_another_process_holds_it(one):
    folder, plan, cell = one
    holder = _process(folder, cell, "import time; print(is_ours, flush=True); time.sleep(60)")
    assert holder.stdout.readline() == "True\n"
    assert folder.state(cell, plan.evaluation_key) == "running"
    holder.kill()  # As hard as can be: the system lets go.
    holder.wait()
    assert folder.state(cell, plan.evaluation_key) == "waiting"


def test_plans_of_one_reproduction_add_up(reproduction):
    make = {"key": "figure1", "place": "one"}
    reproduction("method=vanilla", "setting=B", **make)
    _, plan = reproduction("method=vanilla", "setting=C", **make)
    assert len(plan.cells.by_variant) == 4  # Two settings of two data sets.
    _, plan = reproduction("method=vanilla", "setting=C", seeds=2, **make)
    assert sorted(map(len, plan.cells.by_variant.values())) == [1, 1, 2, 2]
    _, plan = reproduction("method=vanilla", "setting=C", seeds=1, **make)
    assert sorted(map(len, plan.cells.by_variant.values())) == [1, 1, 2, 2]


def test_plans_of_two_reproductions_do_not(reproduction):
    reproduction(place="one")
    said = "with --scale smoke and no settings, got --scale smoke and precision=bfloat16; --folder"
    with pytest.raises(ValueError, match=said):
        reproduction(place="one", key="figure10", words=["precision=bfloat16"])


def test_where_things_lie_may_change(reproduction):
    reproduction(place="one", words=["device=cpu"])
    reproduction(place="one", words=["checkpoint_every=3", "hydra/launcher=joblib"])


@pytest.fixture
def measured(reproduction):
    """A cell of which everything is there: a checkpoint, a sheet, spectra."""
    folder, plan = reproduction("method=vanilla", "setting=B", key="figure1")
    cell = replace(next(iter(plan.cells.by_name.values())), needs=frozenset({"scores", "spectra"}))
    run, key = folder.of_cell(cell.name), plan.evaluation_key
    for path in (run.checkpoint(4), run.path / "sheet.json", run.path / "spectra.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"a": 1}')
    sheets = {key: {"last": "sheet.json"}}
    folder.note(cell.name, ended="finished", sheets=sheets, spectra="spectra.json")
    assert folder.missing(cell, key) == []
    return folder, cell, key


@pytest.mark.parametrize("content", [None, "", '{"a"'])
@pytest.mark.parametrize(("name", "need"), [("sheet", "scores"), ("spectra", "spectra")])
def test_what_is_gone_or_half_written_is_made_again(measured, name, need, content):
    folder, cell, key = measured
    path = folder.of_cell(cell.name).path / f"{name}.json"
    path.unlink() if content is None else path.write_text(content)
    assert folder.missing(cell, key) == [need]


def test_a_training_whose_checkpoints_are_gone_is_done_again_for_what_is_not_measured(measured):
    """As it is, it counts; under another protocol it would count without a score."""
    folder, cell, key = measured
    folder.of_cell(cell.name).checkpoint(4).unlink()
    assert folder.missing(cell, key) == []
    assert folder.missing(cell, "another") == ["train", "scores"]


def test_a_training_that_diverged_at_once_has_nothing_to_measure(measured):
    folder, cell, key = measured
    folder.of_cell(cell.name).checkpoint(4).unlink()
    folder.note(cell.name, ended="diverged", sheets={key: {}}, spectra="none")
    assert folder.missing(cell, key) == []
    folder.note(cell.name, ended="finished")
    assert folder.missing(cell, key) == ["train", "scores", "spectra"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"scale": 3, "cells": [1]}'])
def test_a_damaged_plan_is_named(one, text):
    folder, _, _ = one
    (folder.path / "plan.json").write_text(text)
    with pytest.raises(ValueError, match=r"plan\.json is damaged"):
        folder.read_plan()


def test_no_plan(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no reproduction"):
        Reproduction(tmp_path).read_plan()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"ended": "finished", "colour": 1}',
        '{"ended": "perhaps"}',
        '{"sheets": 3}',
        '{"sheets": {"key": {"last": 3}}}',
        '{"failure": 5}',
    ],
)
def test_a_damaged_record_is_as_none(one, text):
    folder, _, cell = one
    folder.note(cell.name, ended="finished")
    (folder.of_cell(cell.name).path / "cell.json").write_text(text)
    assert folder.record(cell.name) == Record()


def _others_can_hold(folder, cell):
    process = _process(folder, cell, "print(is_ours)")
    return process.communicate(timeout=60)[0] == "True\n"


def _process(folder, cell, then):
    code = (
        "from pathlib import Path; from sngan.reproduce.reproduction import Reproduction\n"
        f"with Reproduction(Path({str(folder.path)!r})).held({cell.name!r}) as is_ours: {then}"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
