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


ENDS = ("", "finished", "diverged")
"""How a training can have ended; the first if it has not."""
NO_SPECTRA = "none"
"""Noted of a training that has no network to measure."""
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
        seconds: What was done took: ``train`` an update, ``scores`` and ``spectra`` all of them.
    """

    ended: str = ""
    said: str = ""
    failure: str = ""
    attempt: str = ""
    sheets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spectra: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)


def _is_whole(record: Record) -> bool:
    """Tell whether what was read holds texts where texts belong."""
    texts = [record.ended, record.said, record.failure, record.attempt, record.spectra]
    if not isinstance(record.sheets, dict) or not isinstance(record.seconds, dict):
        return False
    for sheets in record.sheets.values():
        if not isinstance(sheets, dict):
            return False
        texts += sheets.values()
    are_times = all(isinstance(time, float | int) for time in record.seconds.values())
    return are_times and all(isinstance(text, str) for text in texts) and record.ended in ENDS


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
        return record if _is_whole(record) else Record()

    def note(self, name: str, **changes: Any) -> Record:  # noqa: ANN401 - fields of a record.
        """Change some of what is written of a cell and return all of it."""
        record = replace(self.record(name), **changes)
        write_json(self._record(name), asdict(record))
        return record

    def missing(self, cell: Cell, evaluation_key: str) -> list[str]:
        """Return what is left to do for a cell: ``train``, ``scores``, ``spectra``.

        What is noted counts if its file can be read. Where something is left to be measured and
        the checkpoints of a training are gone, it is done again.
        """
        record, run = self.record(cell.name), self.of_cell(cell.name)
        has_diverged = record.ended == "diverged"  # It may have come to no checkpoint.
        sheets = record.sheets.get(evaluation_key, {})
        is_measured = bool(sheets) or (has_diverged and evaluation_key in record.sheets)
        there = {
            "scores": is_measured
            and all(read_json(run.path / name, dict) for name in sheets.values()),
            "spectra": (has_diverged and record.spectra == NO_SPECTRA)
            or bool(record.spectra and read_json(run.path / record.spectra, dict)),
        }
        left = [need for need in sorted(cell.needs) if not there[need]]
        is_gone = bool(left) and record.ended == "finished" and not run.checkpoints
        if cell.is_real or (record.ended and not is_gone):
            return left
        return ["train", *left]

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
