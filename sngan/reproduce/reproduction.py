"""The folder of a reproduction: its plan, its cells, and what each has come to."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sngan.reproduce.cell import Cell
from sngan.reproduce.plan import Plan
from sngan.run_folder.folder import RunFolder
from sngan.system.files import load_json, read_json, write_json

STATES = ("finished", "diverged", "failed", "running", "unfinished", "waiting")
"""What a cell can be; ``waiting`` if nothing has been done for it."""


PATIENCE = 1
"""Seconds to wait for a cell that another process holds: it may only be looking."""


@dataclass(frozen=True)
class Record:
    """What a cell has come to.

    Attributes:
        ended: ``finished`` or ``diverged`` once it is trained; empty before.
        said: Why it diverged.
        failure: What went wrong the last time; empty if nothing did.
        attempt: In which invocation that was.
        sheets: Files of scores by evaluation, and among these by ``last`` and ``best``.
        spectra: File of the singular values; empty if they are not measured.
    """

    ended: str = ""
    said: str = ""
    failure: str = ""
    attempt: str = ""
    sheets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spectra: str = ""


class Reproduction:
    """The folder of a reproduction.

    Args:
        path: It; need not exist.
        trust: What besides sngan's components this process may build, whatever files here say;
            see `sngan.assembly.trust`.
    """

    def __init__(self, path: Path, trust: Collection[str] = ()) -> None:
        self.path = path
        self.trust = trust

    def of_cell(self, name: str) -> RunFolder:
        """Return the folder of a cell, for a training its run folder."""
        return RunFolder(self.path / "cells" / name)

    def write_plan(self, plan: Plan) -> None:
        """Write the plan, together with what the folder was asked for before.

        Raises:
            ValueError: If that was something else.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path / "plan.lock"):
            write_json(self._plan, self.merged(plan).to_json())

    def merged(self, plan: Plan) -> Plan:
        """Return a plan together with what the folder holds of one.

        Raises:
            ValueError: If they are not parts of one.
        """
        return plan.merged(self.read_plan(), self.path) if self._plan.exists() else plan

    def read_plan(self) -> Plan:
        """Read the plan.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged.
        """
        if not self._plan.is_file():
            raise FileNotFoundError(f"{self.path} holds no reproduction: it has no plan.json")
        content = load_json(self._plan, dict)
        try:
            return Plan.from_json(content)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"{self._plan} is damaged: {error!r}") from error

    def record(self, name: str) -> Record:
        """Read what a cell has come to; nothing, if nothing is written or it is damaged."""
        try:
            record = Record(**(read_json(self._record(name), dict) or {}))
        except TypeError:
            return Record()
        texts = (record.ended, record.said, record.failure, record.attempt, record.spectra)
        sheets = record.sheets.values() if isinstance(record.sheets, dict) else [None]
        is_whole = all(isinstance(text, str) for text in texts)
        return record if is_whole and all(isinstance(s, dict) for s in sheets) else Record()

    def note(self, name: str, **changes: Any) -> Record:  # noqa: ANN401 - fields of a record.
        """Change some of what is written of a cell and return all of it."""
        record = replace(self.record(name), **changes)
        write_json(self._record(name), asdict(record))
        return record

    def missing(self, cell: Cell, evaluation_key: str) -> list[str]:
        """Return what is left to do for a cell: ``train``, ``scores``, ``spectra``."""
        record, run = self.record(cell.name), self.of_cell(cell.name)
        sheets = record.sheets.get(evaluation_key)
        there = {
            "scores": sheets is not None
            and all((run.path / str(s)).exists() for s in sheets.values()),
            "spectra": bool(record.spectra),
        }
        left = [need for need in sorted(cell.needs) if not there[need]]
        return left if record.ended or cell.is_real else ["train", *left]

    def state(self, cell: Cell, evaluation_key: str) -> str:
        """Return one of `STATES`."""
        record = self.record(cell.name)
        if not self.missing(cell, evaluation_key):
            return record.ended or "finished"
        if self.is_held(cell.name):
            return "running"
        if record.failure:
            return "failed"
        begun = record.ended or self.of_cell(cell.name).checkpoints
        return "unfinished" if begun else "waiting"

    @contextmanager
    def held(self, name: str, patience: float = PATIENCE) -> Iterator[bool]:
        """Hold a cell, so that no other process works on it; the system lets go of a killed one's.

        Args:
            name: Of the cell.
            patience: Seconds to wait for one who holds it.

        Yields:
            Whether nobody else holds it.
        """
        self._lock(name).parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock(name))
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def is_held(self, name: str) -> bool:
        """Tell whether some process works on a cell."""
        if not self._lock(name).exists():
            return False
        with self.held(name, patience=0) as is_ours:
            return not is_ours

    @property
    def _plan(self) -> Path:
        return self.path / "plan.json"

    def _record(self, name: str) -> Path:
        return self.of_cell(name).path / "cell.json"

    def _lock(self, name: str) -> Path:
        return self.path / "locks" / f"{name}.lock"
