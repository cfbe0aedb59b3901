"""What is done for a cell: training, scores, singular values; each is noted when it is done."""

import json
import logging
from functools import cache
from pathlib import Path

from sngan import build, checkpoint
from sngan.analyze import analyze
from sngan.device import resolve_device, use_exact_float32
from sngan.reproduce.cells import Cell
from sngan.reproduce.folder import Folder, Plan
from sngan.reproduce.jobs import Jobs
from sngan.reproduce.training import has_failed, logged, noted, train, train_together
from sngan.scoring import subjects
from sngan.scoring.scorer import Scorer
from sngan.scoring.trained import read_trained, shared_pictures
from sngan.workers import Workers

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
    folder, jobs = Folder(path), Jobs(jobs_path)
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


def work_on(folder: Folder, plan: Plan, cell: Cell, attempt: str = "") -> bool:
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
        with logged(folder.of_cell(cell.name)), noted(folder, cell.name, attempt):
            logger.info("%s: %s", cell.name, ", ".join(missing))
            if "train" in missing:
                train(folder, cell)
            if "scores" in missing:
                _score(folder, plan, cell)
            if "spectra" in missing:
                _measure_spectra(folder, cell)
            folder.note(cell.name, failure="")
    return True


def _score(folder: Folder, plan: Plan, cell: Cell) -> None:
    """Score the last checkpoint and the best, or real pictures."""
    scorer = _scorer(json.dumps(plan.evaluation))
    sheets: dict[str, str] = {}
    if cell.is_real:
        (sheet,) = subjects.of_real(scorer, shared_pictures(cell.config["dataset"]))
        sheets["last"] = sheet.write(folder.of_cell(cell.name) / "real").name
    elif any(folder.of_cell(cell.name).glob("checkpoints/*.pt")):
        sheets = _score_checkpoints(scorer, folder.of_cell(cell.name), cell, plan)
    known = folder.record(cell.name).sheets
    folder.note(cell.name, sheets={**known, plan.evaluation_key: sheets})


def _score_checkpoints(scorer: Scorer, run: Path, cell: Cell, plan: Plan) -> dict[str, str]:
    """Score a run's last checkpoint, and its best if that is another."""
    sheets = {"last": _sheet(scorer, run, cell, plan, best=False)}
    if checkpoint.find_best(run) is not None:
        is_same = checkpoint.choose(run, best=True).path == checkpoint.latest(run)
        sheets["best"] = sheets["last"] if is_same else _sheet(scorer, run, cell, plan, best=True)
    return {which: sheet.relative_to(run).as_posix() for which, sheet in sheets.items()}


def _sheet(scorer: Scorer, run: Path, cell: Cell, plan: Plan, *, best: bool) -> Path:
    trained = read_trained(run, [], shared_pictures(cell.config["dataset"]), best)
    (sheet,) = subjects.of_trained(scorer, [trained], None, plan.evaluation["seed"])
    return sheet.write(trained.path)


def _measure_spectra(folder: Folder, cell: Cell) -> None:
    run = folder.of_cell(cell.name)
    if any(run.glob("checkpoints/*.pt")):
        folder.note(cell.name, spectra=analyze(run).write().relative_to(run).as_posix())
    else:
        folder.note(cell.name, spectra="none")


@cache
def _scorer(evaluation: str) -> Scorer:
    """Return the scorer of an evaluation; one serves all cells of a process."""
    config = build.trusted(json.loads(evaluation), "metric")
    use_exact_float32()
    return build.build_scorer(config, resolve_device(config.device), Workers())
