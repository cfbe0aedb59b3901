"""Cells are really trained, scored and measured here; some fail, some are killed."""

import json
import signal
from pathlib import Path

import pytest
import torch

from sngan.monitor.scores import ScoresMonitor
from sngan.reproduce import cell_training as training
from sngan.reproduce.cell_training import train_together
from sngan.reproduce.jobs import Jobs
from sngan.reproduce.work import work_on, work_through
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import RunFolder


def one_cell(plan):
    (cell,) = plan.cells.by_name.values()
    return cell


def jobs_of(folder, *jobs):
    """Return the folder of jobs with these cells."""
    return Jobs.write(folder, [[cell.name for cell in cells] for cells in jobs]).path


def jobs_path_of(folder):
    return max((folder.path / "jobs").iterdir())


def weights(run, step=4):
    return checkpoint.load(RunFolder(run).checkpoint(step))["iteration"]


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other)


@pytest.fixture
def cell_of_figure_1(reproduction):
    return reproduction(
        "+experiment=figure1_cifar10", "method=spectral_norm", "setting=C", key="figure3"
    )


def test_everything_a_cell_needs_is_done_once(cell_of_figure_1, steps_of):
    folder, plan = cell_of_figure_1
    cell = one_cell(plan)
    run = folder.of_cell(cell.name).path
    assert folder.missing(cell, plan.evaluation_key) == ["train", "scores", "spectra"]
    assert work_on(folder, plan, cell)
    assert folder.state(cell, plan.evaluation_key) == "finished"
    record = folder.record(cell.name)
    sheets = record.sheets[plan.evaluation_key]
    assert set(sheets) == {"last", "best"}
    last = json.loads((run / sheets["last"]).read_text())
    assert (last["step"], last["extractor"]["name"]) == (4, "efficientnet_lite0")
    layers = json.loads((run / record.spectra).read_text())["layers"]
    assert len(layers) == 8
    assert steps_of(run) == [2, 4]
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    assert work_on(folder, plan, cell)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


def test_further_metrics_are_scored(reproduction):
    words = ("metric=[kid]", "metric.kid.subset_size=10", "metric.kid.num_real=30")
    folder, plan = reproduction(
        "+experiment=figure1_cifar10", "method=vanilla", "setting=B", key="figure1", words=words
    )
    cell = one_cell(plan)
    work_on(folder, plan, cell)
    assert folder.record(cell.name).failure == ""
    sheet = folder.record(cell.name).sheets[plan.evaluation_key]["last"]
    content = json.loads((folder.of_cell(cell.name).path / sheet).read_text())
    assert "kid" in content["protocols"]["smoke"]["more"]


@pytest.mark.slow
def test_a_cell_is_the_training_that_its_command_says(reproduction, command, tmp_path):
    folder, plan = reproduction()
    cell = one_cell(plan)
    work_on(folder, plan, cell)
    command("sngan-train", *cell.command.split()[1:], "run_dir=alone")
    assert_same(weights(folder.of_cell(cell.name).path), weights(tmp_path / "alone"))


@pytest.mark.slow
def test_a_failed_cell_is_noted_and_goes_on_from_its_checkpoint(
    reproduction, monkeypatch, steps_of
):
    folder, plan = reproduction()
    cell = one_cell(plan)
    run = folder.of_cell(cell.name).path
    with monkeypatch.context() as patch:
        patch.setattr(ScoresMonitor, "measure", _breaks)
        assert work_on(folder, plan, cell)
    assert folder.state(cell, plan.evaluation_key) == "failed"
    assert folder.record(cell.name).failure == "RuntimeError: the disk is full"
    assert "the disk is full" in (run / "train.log").read_text()
    assert latest(run).name == "step_0000002.pt"
    assert work_on(folder, plan, cell)
    assert folder.state(cell, plan.evaluation_key) == "finished"
    assert folder.record(cell.name).failure == ""
    assert steps_of(run) == [2, 4]
    starts = json.loads((run / "environment.json").read_text())
    assert [start["step"] for start in starts] == [0, 2]
    whole, plan = reproduction(place="uninterrupted")
    work_on(whole, plan, cell)
    assert_same(weights(run), weights(whole.of_cell(cell.name).path))


def test_an_interrupted_cell_stops_everything_and_is_saved(reproduction, monkeypatch):
    folder, plan = reproduction()
    cell = one_cell(plan)

    end = training.End(2, True, Path(), None, num_pictures=0, signal=signal.SIGTERM)
    monkeypatch.setattr(training, "run", lambda jobs: [end])
    with pytest.raises(KeyboardInterrupt):
        work_on(folder, plan, cell)
    assert folder.state(cell, plan.evaluation_key) == "waiting"


def test_a_signal_at_the_very_end_of_a_cell_stops_what_is_left(reproduction, monkeypatch):
    folder, plan = reproduction()
    cell = one_cell(plan)
    end = training.End(4, False, Path(), None, num_pictures=0, signal=signal.SIGTERM)
    monkeypatch.setattr(training, "run", lambda jobs: [end])
    path = jobs_of(folder, [cell])
    work_through(folder.path, path, 0)
    assert folder.record(cell.name).ended == "finished"
    assert Jobs(path).stopped_by == signal.SIGTERM


@pytest.mark.slow
def test_divergence_is_a_result(reproduction):
    words = ("setting.lr=1e6", "log_every=1")
    folder, plan = reproduction("method=wgan_gp", "setting=B", key="figure1", words=words)
    cells = list(plan.cells.by_name.values())
    work_through(folder.path, jobs_of(folder, cells), 0)
    assert len(cells) == 2
    for cell in cells:
        assert folder.state(cell, plan.evaluation_key) == "diverged"
        assert "step " in folder.record(cell.name).said
        assert folder.missing(cell, plan.evaluation_key) == []


def test_what_others_hold_is_passed_over(reproduction, monkeypatch):
    folder, plan = reproduction("method=vanilla", "setting=B", key="figure1")
    first, second = plan.cells.by_name
    done, free = [], {second}

    def work(_folder, _plan, cell, *_):
        """The other process lets go of the first cell when the second is done."""
        if cell.name not in free:
            return False
        done.append(cell.name)
        free.add(first)
        return True

    monkeypatch.setattr("sngan.reproduce.work.work_on", work)
    work_through(folder.path, jobs_of(folder, [], plan.cells.by_name.values()), 1)
    assert done == [second, first]
    done.clear()
    free.clear()
    work_through(folder.path, jobs_of(folder, plan.cells.by_name.values()), 0)
    assert done == []  # The others have all; nobody waits.


def test_a_failed_cell_is_not_tried_again_by_the_same_jobs(reproduction, monkeypatch):
    folder, plan = reproduction()
    cell = one_cell(plan)
    tries = []
    monkeypatch.setattr(training, "run", lambda jobs: tries.append(1) or _breaks())
    work_through(folder.path, jobs_of(folder, [cell], [cell]), 0)
    work_through(folder.path, jobs_path_of(folder), 1)
    assert len(tries) == 1
    work_through(folder.path, jobs_of(folder, [cell]), 0)
    assert len(tries) == 2


def test_after_an_interruption_no_further_cell_is_begun(reproduction, monkeypatch):
    folder, plan = reproduction("method=vanilla", "setting=B", key="figure1")
    cells = list(plan.cells.by_name.values())
    begun = []

    def interrupted(jobs):
        begun.extend(job.folder.path.name for job in jobs)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "run", interrupted)
    path = jobs_of(folder, cells[:1], cells[1:])
    work_through(folder.path, path, 0)
    work_through(folder.path, path, 1)  # In the process that was called: it is the user's.
    assert begun == [cells[0].name]


def test_jobs_keep_the_plan_they_were_given(reproduction):
    folder, plan = reproduction()
    jobs = Jobs(jobs_of(folder, [one_cell(plan)]))
    (folder.path / "plan.json").write_text("{}")
    assert jobs.plan() == plan
    assert jobs.cells(0) == [one_cell(plan)]


def test_scores_and_samples_that_a_kill_took_are_made_again(reproduction, monkeypatch):
    """The loop saves its last checkpoint first; a cell without the rest is not finished."""
    folder, plan = reproduction()
    cell = one_cell(plan)
    run = folder.of_cell(cell.name).path
    measure = ScoresMonitor.measure

    def breaks_at_the_end(self, iteration, splits):
        if RunFolder(run).checkpoint(4).exists():
            raise RuntimeError("killed")
        return measure(self, iteration, splits)

    with monkeypatch.context() as patch:
        patch.setattr(ScoresMonitor, "measure", breaks_at_the_end)
        work_on(folder, plan, cell)
    assert latest(run).name == "step_0000004.pt"
    work_on(folder, plan, cell)
    assert folder.state(cell, plan.evaluation_key) == "finished"
    assert (run / "samples" / "step_0000004.png").exists()
    lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    names = [(line["step"], line["name"]) for line in lines if line["name"].startswith("distance")]
    assert [step for step, _ in names] == [2, 4]


def test_another_training_under_the_name_is_not_continued(reproduction):
    folder, plan = reproduction()
    cell = one_cell(plan)
    other, their_plan = reproduction(words=["setting.lr=0.1"], place="other")
    theirs = one_cell(their_plan)
    work_on(other, their_plan, theirs)
    folder.of_cell(cell.name).path.parent.mkdir()
    other.of_cell(theirs.name).path.rename(folder.of_cell(cell.name).path)
    (folder.of_cell(cell.name).path / "cell.json").unlink()
    work_on(folder, plan, cell)
    assert "holds another training than its name says" in folder.record(cell.name).failure


def test_real_pictures_are_scored(reproduction, targets, composed, tmp_path):
    from sngan.commands.reproduce import evaluation_of
    from sngan.reproduce.cells import Cells, key_of_real
    from sngan.reproduce.reproduction import Plan, Reproduction

    words, cells = composed("table2")
    (name,) = cells.by_variant[key_of_real("cifar10")]
    chosen = Cells()
    chosen.add(key_of_real("cifar10"), cells.by_name[name])
    folder = Reproduction(tmp_path / "real")
    folder.write_plan(Plan("smoke", [], evaluation_of(words), chosen))
    plan = folder.read_plan()
    work_on(folder, plan, one_cell(plan))
    assert folder.state(one_cell(plan), plan.evaluation_key) == "finished", folder.record(name)
    sheet = folder.of_cell(name).path / folder.record(name).sheets[plan.evaluation_key]["last"]
    assert json.loads(sheet.read_text())["dataset"]["name"] == "synthetic"


def _breaks(*_):
    raise RuntimeError("the disk is full")


@pytest.mark.slow
def test_cells_trained_together_are_those_trained_one_by_one(reproduction):
    """Two seeds in one process, one of which is left to another worker the first time."""
    folder, plan = reproduction(seeds=3, place="together")
    cells = [*plan.cells.by_name.values()]
    path = jobs_of(folder, cells)
    with folder.held(cells[1].name):
        train_together(folder, plan, cells, "attempt")
    assert [bool(folder.record(cell.name).ended) for cell in cells] == [True, False, True]
    work_through(folder.path, path, 0, pack=2)
    assert {folder.state(cell, plan.evaluation_key) for cell in cells} == {"finished"}
    alone, plan_alone = reproduction(seeds=3, place="alone")
    for cell in plan_alone.cells.by_name.values():
        assert work_on(alone, plan_alone, cell)
        assert_same(weights(folder.of_cell(cell.name).path), weights(alone.of_cell(cell.name).path))
        log = (folder.of_cell(cell.name).path / "train.log").read_text()
        assert not any(other.name in log for other in cells if other.name != cell.name)


def test_failures_in_a_pack_are_noted_and_not_tried_again(reproduction, monkeypatch):
    folder, plan = reproduction(seeds=2)
    first, second = plan.cells.by_name.values()
    first.config["setting"]["batch_size"] = 65  # Of 64 pictures.
    train_together(folder, plan, [first, second], "attempt")
    assert "setting.batch_size must be" in folder.record(first.name).failure
    assert folder.record(second.name).ended == "finished"
    tried = []
    monkeypatch.setattr(training, "run", lambda jobs: tried.extend(jobs) or [])
    train_together(folder, plan, [first, second], "attempt")
    assert not tried


def test_tf32_and_exact_cells_are_not_packed_together(reproduction, monkeypatch):
    """It is on or off for a whole process."""
    folder, plan = reproduction(seeds=2)
    first, second = plan.cells.by_name.values()
    second.config["precision"] = "tf32"
    packed = []
    monkeypatch.setattr(training, "run", lambda jobs: packed.extend(jobs) or [KeyError("not run")])
    train_together(folder, plan, [first, second], "attempt")
    assert [job.label for job in packed] == [first.name]
