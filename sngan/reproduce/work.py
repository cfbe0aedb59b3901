"""What is done for a cell: training, scores, singular values; each is noted when it is done."""

import json
import logging
import signal
from collections.abc import Collection
from functools import cache
from pathlib import Path

from sngan.assembly.scorer import build_scorer
from sngan.assembly.trained import read_analysis, read_trained, shared_pictures
from sngan.assembly.trust import COMPONENTS, check_trusted
from sngan.reproduce.cell import Cell
from sngan.reproduce.cell_training import (
    has_failed,
    log_to_file,
    noted,
    timed,
    train,
    train_together,
)
from sngan.reproduce.jobs import Jobs
from sngan.reproduce.plan import Plan
from sngan.reproduce.progress import Progress, written_down
from sngan.reproduce.reproduction import NO_SPECTRA, Reproduction
from sngan.run_folder.choice import choose, latest
from sngan.scoring import subjects
from sngan.scoring.scorer import RealPictures, Scorer
from sngan.system.device import resolve_device
from sngan.system.float32 import use_exact_float32
from sngan.system.workers import Workers

logger = logging.getLogger(__name__)


def work_through(
    path: Path, jobs_path: Path, job: int, pack: int = 1, trust: Collection[str] = ()
) -> None:
    """Work on the cells of a job, again and again until there is none left to begin.

    Cells that others hold are passed over: several jobs may share a list, and what one of them
    leaves when it is killed, another takes up. What failed is not tried again by these jobs.

    Args:
        path: The folder of a reproduction.
        jobs_path: See `Jobs`.
        job: Which of them.
        pack: How many cells to train together.
        trust: See `Reproduction`.
    """
    folder, jobs = Reproduction(path, trust), Jobs(jobs_path)
    plan, left = jobs.plan(), jobs.cells(job)
    progress = Progress(folder, plan, jobs.all_cells, jobs.path.name)
    try:
        with written_down(folder):
            _go_through(folder, jobs, plan, left, pack, progress)
    except KeyboardInterrupt as error:  # What was trained is saved; other jobs go on.
        jobs.interrupted((*error.args, signal.SIGINT)[0])


def _go_through(
    folder: Reproduction, jobs: Jobs, plan: Plan, left: list[Cell], pack: int, progress: Progress
) -> None:
    while left:
        passed_over = []
        for index, cell in enumerate(left):
            if jobs.is_stopped:
                return
            if index % pack == 0 and pack > 1:
                train_together(folder, plan, left[index : index + pack], jobs.path.name)
            if not work_on(folder, plan, cell, jobs.path.name, progress):
                passed_over.append(cell)
        if len(passed_over) == len(left):
            return
        left = passed_over


def work_on(
    folder: Reproduction,
    plan: Plan,
    cell: Cell,
    attempt: str = "",
    progress: Progress | None = None,
) -> bool:
    """Do what is missing for a cell; what goes wrong is noted.

    Args:
        folder: Of the reproduction.
        plan: Its plan.
        cell: One of its cells.
        attempt: What failed under this name is not tried again.
        progress: Of all jobs, to be logged.

    Returns:
        Whether it was free.

    Raises:
        KeyboardInterrupt: If a signal came; what was trained is saved.
    """
    with folder.held(cell.name) as is_ours:
        if not is_ours:
            return False
        missing = folder.missing(cell, plan.evaluation_key)
        if not missing or has_failed(folder, cell.name, attempt):
            return True
        with log_to_file(folder.of_cell(cell.name)), noted(folder, cell.name, attempt):
            where = "" if progress is None else f"{progress}: "
            logger.info("%s%s: %s", where, cell.name, ", ".join(missing))
            if "train" in missing:
                train(folder, cell)
            if "scores" in missing:
                with timed(folder, cell.name, "scores"):
                    _score(folder, plan, cell)
            if "spectra" in missing:
                with timed(folder, cell.name, "spectra"):
                    _measure_spectra(folder, cell)
            folder.note(cell.name, failure="")
    return True


def _score(folder: Reproduction, plan: Plan, cell: Cell) -> None:
    """Score the last checkpoint and the best, or real pictures."""
    check_trusted(plan.evaluation, folder.trust, (*COMPONENTS, "metric"), "the plan")
    scorer = _scorer(json.dumps(plan.evaluation))
    sheets: dict[str, str] = {}
    if cell.is_real:
        (sheet,) = subjects.of_real(scorer, _pictures(folder, cell))
        sheets["last"] = sheet.write(folder.of_cell(cell.name).path / "real").name
    elif folder.of_cell(cell.name).checkpoints:
        sheets = _score_checkpoints(scorer, folder, cell, plan.evaluation["seed"])
    known = folder.record(cell.name).sheets
    folder.note(cell.name, sheets={**known, plan.evaluation_key: sheets})


def _score_checkpoints(
    scorer: Scorer, folder: Reproduction, cell: Cell, seed: int
) -> dict[str, str]:
    """Score a run's last checkpoint, and its best if that is another."""
    run, real = folder.of_cell(cell.name), _pictures(folder, cell)

    def sheet(*, best: bool) -> Path:
        trained = read_trained(run.path, None, real, best, folder.trust)
        (sheet,) = subjects.of_trained(scorer, [trained], None, seed)
        return sheet.write(trained.path)

    sheets = {"last": sheet(best=False)}
    if run.best() is not None:
        is_same = choose(run.path, best=True).path == latest(run.path)
        sheets["best"] = sheets["last"] if is_same else sheet(best=True)
    return {which: path.relative_to(run.path).as_posix() for which, path in sheets.items()}


def _pictures(folder: Reproduction, cell: Cell) -> RealPictures:
    about = cell.config["dataset"]
    check_trusted({"dataset": about}, folder.trust, source="the plan")
    return shared_pictures(about)


def _measure_spectra(folder: Reproduction, cell: Cell) -> None:
    run = folder.of_cell(cell.name)
    found = NO_SPECTRA  # A training that diverged at once has no checkpoint.
    if run.checkpoints:
        found = read_analysis(run.path, folder.trust).write().relative_to(run.path).as_posix()
    folder.note(cell.name, spectra=found)


@cache
def _scorer(evaluation: str) -> Scorer:
    """Return the scorer of an evaluation; one serves all cells of a process."""
    settings = json.loads(evaluation)
    use_exact_float32()
    return build_scorer(settings, resolve_device(settings["device"]), Workers())
