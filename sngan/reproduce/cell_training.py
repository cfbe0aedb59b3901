"""The trainings of cells, one or several at a time; each is noted when it has ended."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from typing import Any

from sngan.assembly.run import End, Job, run
from sngan.reproduce.cell import Cell
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.identity import identity
from sngan.system.log_file import LogFile
from sngan.training.loop import DivergenceError

logger = logging.getLogger(__name__)


def train(folder: Reproduction, cell: Cell) -> None:
    """Train a cell that this process holds, from where it was left.

    Raises:
        KeyboardInterrupt: If a signal came; what was trained is saved.
    """
    job = _job(folder, cell)
    with timed(folder, cell.name, "train", _updates(job)):
        (end,) = run([job])
        _note_end(folder, cell.name, end)


def train_together(folder: Reproduction, plan: Plan, cells: Sequence[Cell], attempt: str) -> None:
    """Train several cells on one device; those that others hold, or that need none, are left out.

    Args:
        folder: Of the reproduction.
        plan: Its plan.
        cells: Cells.
        attempt: What failed under this name is not tried again.

    Raises:
        KeyboardInterrupt: If a signal came; what was trained is saved.
    """
    with ExitStack() as stack:
        jobs: dict[str, Job] = {}
        for cell in cells:
            is_ours = stack.enter_context(folder.held(cell.name))
            is_wanted = "train" in folder.missing(cell, plan.evaluation_key)
            if not is_ours or not is_wanted or has_failed(folder, cell.name, attempt):
                continue
            if _goes_with(cell, cells[0]):
                stack.enter_context(log_to_file(folder.of_cell(cell.name), cell.name))
                with noted(folder, cell.name, attempt):
                    jobs[cell.name] = _job(folder, cell, cell.name)
        start = monotonic()
        ends = run(list(jobs.values())) if jobs else []
        seconds = (monotonic() - start) / max(1, sum(map(_updates, jobs.values())))
        for name, end in zip(jobs, ends, strict=True):
            with noted(folder, name, attempt), suppress(KeyboardInterrupt):
                _note_end(folder, name, end)
                note_seconds(folder, name, "train", seconds)
        signals = [end.signal for end in ends if isinstance(end, End) and end.signal is not None]
        if signals:
            raise KeyboardInterrupt(max(signals))


def has_failed(folder: Reproduction, name: str, attempt: str) -> bool:
    """Tell whether a cell failed under this name of an attempt; none has under an empty one."""
    record = folder.record(name)
    return bool(record.failure and attempt and record.attempt == attempt)


@contextmanager
def noted(folder: Reproduction, name: str, attempt: str) -> Iterator[None]:
    """Note what goes wrong for a cell, so that others go on."""
    try:
        yield
    except Exception as error:
        is_expected = isinstance(error, ValueError | OSError)
        logger.error("%s failed: %s", name, error, exc_info=None if is_expected else error)
        folder.note(name, failure=f"{type(error).__name__}: {error}", attempt=attempt)


@contextmanager
def timed(folder: Reproduction, name: str, need: str, updates: int = 1) -> Iterator[None]:
    """Note how long something took for a cell, if it came to its end.

    Args:
        folder: Of the reproduction.
        name: Of the cell.
        need: What it is, a key of `Record.seconds`.
        updates: By how many the time is divided.
    """
    start = monotonic()
    yield
    note_seconds(folder, name, need, (monotonic() - start) / max(1, updates))


def note_seconds(folder: Reproduction, name: str, need: str, seconds: float) -> None:
    """Note how long something took for a cell, unless a training diverged on its way."""
    record = folder.record(name)
    if need != "train" or record.ended == "finished":
        folder.note(name, seconds={**record.seconds, need: round(seconds, 4)})


@contextmanager
def log_to_file(run: RunFolder, label: str = "") -> Iterator[None]:
    """Write what is logged to a cell's file, too.

    Args:
        run: Of the cell; made when missing.
        label: Only messages that contain it.
    """
    run.path.mkdir(parents=True, exist_ok=True)
    handler = LogFile(run.log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(lambda record: label in record.getMessage())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def _goes_with(cell: Cell, first: Cell) -> bool:
    """Whether two cells can be trained in one process: device and TF32 are a process's."""
    devices = cell.config["device"], first.config["device"]
    tf32 = [config["precision"] == "tf32" for config in (cell.config, first.config)]
    return devices[0] == devices[1] and tf32[0] == tf32[1]


def _note_end(folder: Reproduction, name: str, end: End | Exception) -> None:
    if isinstance(end, DivergenceError):
        logger.info("%s diverged: %s", name, end)
        folder.note(name, ended="diverged", said=str(end))
    elif isinstance(end, Exception):
        raise end
    else:
        if not end.interrupted:
            folder.note(name, ended="finished")
        if end.signal is not None:
            raise KeyboardInterrupt(end.signal)


def _job(folder: Reproduction, cell: Cell, label: str = "") -> Job:
    run = folder.of_cell(cell.name)
    return Job(dict(cell.config), run, _begun(run, cell), label, folder.trust)


def _updates(job: Job) -> int:
    """Return how many updates a training has before it."""
    return int(job.settings["total_steps"]) - (job.state["step"] if job.state else 0)


def _begun(run: RunFolder, cell: Cell) -> dict[str, Any] | None:
    """Return the checkpoint to go on from; None to begin."""
    if not run.checkpoints:
        return None
    state = checkpoint.load(latest(run.path, "previous"), "continue")
    if identity(state["config"]) != identity(cell.config):
        raise ValueError(f"{run} holds another training than its name says")
    return state
