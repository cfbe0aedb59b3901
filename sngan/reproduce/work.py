"""What is done for a cell: training, scores, singular values; each is noted when it is done."""

import json
import logging
from functools import cache
from pathlib import Path

from sngan.assembly.scorer import build_scorer
from sngan.assembly.trained import read_analysis, read_trained, shared_pictures
from sngan.assembly.trust import COMPONENTS, check_trusted
from sngan.reproduce.cell import Cell
from sngan.reproduce.cell_training import has_failed, log_to_file, noted, train, train_together
from sngan.reproduce.jobs import Jobs
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.run_folder.choice import choose, latest
from sngan.run_folder.folder import RunFolder
from sngan.scoring import subjects
from sngan.scoring.scorer import Scorer
from sngan.system.device import resolve_device, use_exact_float32
from sngan.system.workers import Workers

logger = logging.getLogger(__name__)


def work_through(path: Path, jobs_path: Path, job: int, pack: int = 1) -> None:
    """Work on the cells of a job, again and again until there is none left to begin.

    Cells that others hold are passed over: several jobs may share a list, and what one of them
    leaves when it is killed, another takes up. What failed is not tried again by these jobs.

    Args:
        path: The folder of a reproduction.
        jobs_path: See `Jobs`.
        job: Which of them.
        pack: How many cells to train together.
    """
    folder, jobs = Reproduction(path), Jobs(jobs_path)
    plan, left = jobs.plan(), jobs.cells(job)
    try:
        while left:
            passed_over = []
            for index, cell in enumerate(left):
                if jobs.is_stopped:
                    return
                if index % pack == 0 and pack > 1:
                    train_together(folder, plan, left[index : index + pack], jobs.path.name)
                if not work_on(folder, plan, cell, jobs.path.name):
                    passed_over.append(cell)
            if len(passed_over) == len(left):
                return
            left = passed_over
    except KeyboardInterrupt:  # What was trained is saved; other jobs are not concerned.
        jobs.interrupted()


def work_on(folder: Reproduction, plan: Plan, cell: Cell, attempt: str = "") -> bool:
    """Do what is missing for a cell; what goes wrong is noted.

    Args:
        folder: Of the reproduction.
        plan: Its plan.
        cell: One of its cells.
        attempt: What failed under this name is not tried again.

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
            logger.info("%s: %s", cell.name, ", ".join(missing))
            if "train" in missing:
                train(folder, cell)
            if "scores" in missing:
                _score(folder, plan, cell)
            if "spectra" in missing:
                _measure_spectra(folder, cell)
            folder.note(cell.name, failure="")
    return True


def _score(folder: Reproduction, plan: Plan, cell: Cell) -> None:
    """Score the last checkpoint and the best, or real pictures."""
    scorer = _scorer(json.dumps(plan.evaluation))
    sheets: dict[str, str] = {}
    if cell.is_real:
        (sheet,) = subjects.of_real(scorer, shared_pictures(cell.config["dataset"]))
        sheets["last"] = sheet.write(folder.of_cell(cell.name).path / "real").name
    elif folder.of_cell(cell.name).checkpoints:
        sheets = _score_checkpoints(scorer, folder.of_cell(cell.name), cell, plan)
    known = folder.record(cell.name).sheets
    folder.note(cell.name, sheets={**known, plan.evaluation_key: sheets})


def _score_checkpoints(scorer: Scorer, run: RunFolder, cell: Cell, plan: Plan) -> dict[str, str]:
    """Score a run's last checkpoint, and its best if that is another."""
    sheets = {"last": _sheet(scorer, run, cell, plan, best=False)}
    if run.best() is not None:
        is_same = choose(run.path, best=True).path == latest(run.path)
        sheets["best"] = sheets["last"] if is_same else _sheet(scorer, run, cell, plan, best=True)
    return {which: sheet.relative_to(run.path).as_posix() for which, sheet in sheets.items()}


def _sheet(scorer: Scorer, run: RunFolder, cell: Cell, plan: Plan, *, best: bool) -> Path:
    trained = read_trained(run.path, [], shared_pictures(cell.config["dataset"]), best)
    (sheet,) = subjects.of_trained(scorer, [trained], None, plan.evaluation["seed"])
    return sheet.write(trained.path)


def _measure_spectra(folder: Reproduction, cell: Cell) -> None:
    run = folder.of_cell(cell.name)
    found = "none"  # A training that diverged at once has no checkpoint.
    if run.checkpoints:
        found = read_analysis(run.path).write().relative_to(run.path).as_posix()
    folder.note(cell.name, spectra=found)


@cache
def _scorer(evaluation: str) -> Scorer:
    """Return the scorer of an evaluation; one serves all cells of a process."""
    settings = json.loads(evaluation)
    check_trusted(settings, groups=(*COMPONENTS, "metric"))
    use_exact_float32()
    return build_scorer(settings, resolve_device(settings["device"]), Workers())
