"""What is done for a cell: training, scores, singular values; each is noted when it is done."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sngan import build, checkpoint
from sngan.analyze import analyze
from sngan.cli import run_training
from sngan.device import resolve_device, use_exact_float32
from sngan.identity import identity
from sngan.reproduce.cells import Cell
from sngan.reproduce.folder import Folder, Plan
from sngan.reproduce.jobs import Jobs
from sngan.scoring import subjects
from sngan.scoring.scorer import Scorer
from sngan.scoring.trained import read_trained, shared_pictures
from sngan.train import DivergenceError
from sngan.workers import Workers

logger = logging.getLogger(__name__)


def work_through(path: Path, jobs_path: Path, job: int) -> None:
    """Work on the cells of a job, again and again until there is none left to begin.

    Cells that others hold are passed over: several jobs may share a list, and what one of them
    leaves when it is killed, another takes up. What failed is not tried again by these jobs.

    Args:
        path: The folder of a reproduction.
        jobs_path: See `Jobs`.
        job: Which of them.
    """
    folder, jobs = Folder(path), Jobs(jobs_path)
    plan, left = jobs.plan(), jobs.cells(job)
    try:
        while left:
            passed_over = []
            for cell in left:
                if jobs.is_stopped:
                    return
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
        record = folder.record(cell.name)
        if not missing or (record.failure and attempt and record.attempt == attempt):
            return True
        folder.of_cell(cell.name).mkdir(parents=True, exist_ok=True)
        with _logged_to(folder.of_cell(cell.name) / "train.log"):
            logger.info("%s: %s", cell.name, ", ".join(missing))
            try:
                if "train" in missing:
                    _train(folder, cell)
                if "scores" in missing:
                    _score(folder, plan, cell)
                if "spectra" in missing:
                    _measure_spectra(folder, cell)
                folder.note(cell.name, failure="")
            except Exception as error:  # The other cells go on.
                is_expected = isinstance(error, ValueError | OSError)
                logger.error("%s failed: %s", cell.name, error, exc_info=not is_expected)
                failure = f"{type(error).__name__}: {error}"
                folder.note(cell.name, failure=failure, attempt=attempt)
    return True


def _train(folder: Folder, cell: Cell) -> None:
    """Train from where it was left, if it was begun."""
    run = folder.of_cell(cell.name)
    state = _begun(run, cell)
    try:
        if state is None or state["step"] < cell.config["total_steps"]:
            config = build.trusted(dict(cell.config))
            if run_training(config, run, state).interrupted:
                raise KeyboardInterrupt
    except DivergenceError as error:
        logger.info("diverged: %s", error)
        folder.note(cell.name, ended="diverged", said=str(error))
    else:
        folder.note(cell.name, ended="finished")


def _begun(run: Path, cell: Cell) -> dict[str, Any] | None:
    """Return the checkpoint to go on from; None to begin.

    The loop saves its last checkpoint before the last scores and samples. Where these are
    missing, the checkpoint before it is taken, so that they are made.
    """
    checkpoints = sorted(run.glob("checkpoints/step_*.pt"))
    total = cell.config["total_steps"]
    if not (run / "samples" / f"step_{total:07d}.png").exists():
        checkpoints = [path for path in checkpoints if path != checkpoint.path_for(run, total)]
    if not checkpoints:
        return None
    state = checkpoint.load(checkpoints[-1])
    if identity(state["config"]) != identity(cell.config):
        raise ValueError(f"{run} holds another training than its name says")
    return state


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


@contextmanager
def _logged_to(path: Path) -> Iterator[None]:
    """Write what is logged to a cell's file, too."""
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
