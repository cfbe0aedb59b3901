"""One invocation of ``sngan-reproduce``: its jobs, as Hydra's launchers spread them."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType

from sngan.assembly.words import word_of
from sngan.reproduce.cell import Cell
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.system.files import load_json, write_json
from sngan.system.interruption import SIGNALS, interrupt_workers

Launch = Callable[[Sequence[str]], None]
"""Runs jobs; takes words that say where their lists are and which there are."""


class Jobs:
    """The folder of some jobs: the plan as it was, the cells of each, and whether to stop.

    Args:
        path: It.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def write(cls, folder: Reproduction, queue: Sequence[Sequence[str]]) -> "Jobs":
        """Make the folder of new jobs.

        Args:
            folder: Of the reproduction; what happens to its plan later does not change the jobs.
            queue: Names of cells for each job.
        """
        path = folder.path / "jobs" / datetime.now().strftime("%Y-%m-%d_%H-%M-%S_%f")
        path.mkdir(parents=True)
        shutil.copy(folder.path / "plan.json", path)
        write_json(path / "queue.json", {"parent": os.getpid(), "cells": queue}, indent=None)
        return cls(path)

    def plan(self) -> Plan:
        """Return the plan."""
        return Reproduction(self.path).read_plan()

    def cells(self, job: int) -> list[Cell]:
        """Return the cells of a job."""
        by_name = self.plan().cells.by_name
        return [by_name[name] for name in self._queue()["cells"][job]]

    @property
    def all_cells(self) -> list[Cell]:
        """The cells of all jobs, each once."""
        by_name = self.plan().cells.by_name
        names = dict.fromkeys(name for names in self._queue()["cells"] for name in names)
        return [by_name[name] for name in names]

    @property
    def is_stopped(self) -> bool:
        """Whether no further cell is to be begun."""
        return (self.path / "stop").exists()

    @property
    def stopped_by(self) -> int:
        """The signal that stopped them."""
        return int((self.path / "stop").read_text())

    def stop(self, number: int) -> None:
        """Let no job begin a further cell, because of a signal."""
        (self.path / "stop").write_text(str(number))

    def interrupted(self, number: int) -> None:
        """Note that a signal came to this process; if that is the one that was called, to all."""
        if os.getpid() == self._queue()["parent"]:
            self.stop(number)

    def _queue(self) -> dict[str, list[list[str]]]:
        return load_json(self.path / "queue.json", dict)


def run(
    folder: Reproduction,
    todo: Sequence[Cell],
    launch: Launch,
    workers: int | None,
    pack: int,
) -> None:
    """Run what is to do as Hydra jobs; cells whose speed is the result come first, by themselves.

    Args:
        folder: Of the reproduction, with its plan.
        todo: Cells.
        launch: Spreads jobs.
        workers: Jobs that share all cells; None for one job per ``pack`` cells.
        pack: Cells that a job trains together.

    Raises:
        KeyboardInterrupt: If it was interrupted; workers have saved.
    """
    alone = [cell.name for cell in todo if cell.is_timing]
    side_by_side = [cell.name for cell in todo if not cell.is_timing]
    chunks = [side_by_side[i : i + pack] for i in range(0, len(side_by_side), pack)]
    if alone:
        _launch(folder, [alone], launch, pack=1)
    if side_by_side:
        _launch(folder, [side_by_side] * workers if workers else chunks, launch, pack)


def _launch(
    folder: Reproduction, queue: Sequence[Sequence[str]], launch: Launch, pack: int
) -> None:
    jobs = Jobs.write(folder, queue)
    places = {"folder": folder.path, "jobs": jobs.path, "hydra.sweep.dir": jobs.path}
    words = [word_of(key, path) for key, path in places.items()]
    numbers = ",".join(map(str, range(len(queue))))
    try:
        with _patience(jobs):
            launch([*words, f"pack={pack}", f"job={numbers}"])
    except SystemExit as end:
        if end.code and not jobs.is_stopped:
            print("a worker was lost; the same command goes on with what is left", file=sys.stderr)
    if jobs.is_stopped:
        raise KeyboardInterrupt(jobs.stopped_by)


@contextmanager
def _patience(jobs: Jobs) -> Iterator[None]:
    """At a first signal wait for workers, who save; a second one leaves.

    Without workers only Ctrl-C waits, for what is done here.
    """

    def note(number: int, _frame: FrameType | None) -> None:
        restore()
        if not interrupt_workers() and number != signal.SIGINT:
            signal.raise_signal(number)
        jobs.stop(number)
        print("waiting for what is saved; Ctrl-C again leaves at once", file=sys.stderr)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    heeded = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, note) for number in heeded}
    try:
        yield
    finally:
        restore()
