"""The folder of a reproduction: its plan, its cells, and what each has come to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sngan.atomic import written_whole
from sngan.identity import digest
from sngan.reproduce.cells import Cell, Cells
from sngan.reproduce.words import decisive

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


@dataclass(frozen=True)
class Plan:
    """What a reproduction consists of, as its folder holds it.

    Attributes:
        scale: Of all cells.
        words: What the user said besides.
        evaluation: Settings of ``sngan-eval``.
        cells: See `Cells`.
    """

    scale: str
    words: Sequence[str]
    evaluation: Mapping[str, Any]
    cells: Cells

    @property
    def evaluation_key(self) -> str:
        """What tells scores of this evaluation from those of another."""
        no_matter = ("cache", "batch_size", "device")
        return digest({k: v for k, v in self.evaluation.items() if k not in no_matter})


class Folder:
    """The folder of a reproduction.

    Args:
        path: It; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def of_cell(self, name: str) -> Path:
        """Return the folder of a cell, for a training its run folder."""
        return self.path / "cells" / name

    def write_plan(self, plan: Plan) -> None:
        """Write the plan, together with what the folder was asked for before.

        Raises:
            ValueError: If that was something else.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path / "plan.lock"):
            merged = self.merged(plan)
            content = {
                "scale": merged.scale,
                "words": list(merged.words),
                "evaluation": merged.evaluation,
                "cells": {name: cell.to_json() for name, cell in merged.cells.by_name.items()},
                "uses": merged.cells.uses,
            }
            with written_whole(self.path / "plan.json") as temporary:
                temporary.write_text(json.dumps(content, indent=1) + "\n")

    def merged(self, plan: Plan) -> Plan:
        """Return a plan together with what the folder holds of one.

        Raises:
            ValueError: If they are not parts of one.
        """
        if not (self.path / "plan.json").exists():
            return plan
        before = self.read_plan()
        if (before.scale, decisive(before.words)) != (plan.scale, decisive(plan.words)):
            raise ValueError(
                f"{self.path} holds a reproduction with --scale {before.scale} and "
                f"{' '.join(decisive(before.words)) or 'no settings'}, got --scale {plan.scale} "
                f"and {' '.join(decisive(plan.words)) or 'no settings'}; --folder names another"
            )
        cells = Cells(dict(plan.cells.by_name), {use: [*n] for use, n in plan.cells.uses.items()})
        for use, names in before.cells.uses.items():
            for name in names:
                cells.add(use, before.cells.by_name[name])
        return replace(plan, cells=cells)

    def read_plan(self) -> Plan:
        """Read the plan.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged.
        """
        path = self.path / "plan.json"
        if not path.is_file():
            raise FileNotFoundError(f"{self.path} holds no reproduction: it has no plan.json")
        try:
            content = json.loads(path.read_text())
            cells = Cells({n: Cell.from_json(cell) for n, cell in content["cells"].items()})
            for use, names in content["uses"].items():
                for name in names:
                    cells.add(use, cells.by_name[name])
            evaluation = content["evaluation"]
            evaluation["protocol"].values(), evaluation["extractor"]["_target_"].split(".")
            return Plan(content["scale"], list(content["words"]), evaluation, cells)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is damaged: {error!r}") from error

    def record(self, name: str) -> Record:
        """Read what a cell has come to; nothing, if nothing is written or it is damaged."""
        try:
            record = Record(**json.loads((self.of_cell(name) / "cell.json").read_text()))
        except (OSError, ValueError, TypeError):
            return Record()
        texts = (record.ended, record.said, record.failure, record.attempt, record.spectra)
        sheets = record.sheets.values() if isinstance(record.sheets, dict) else [None]
        is_whole = all(isinstance(text, str) for text in texts)
        return record if is_whole and all(isinstance(s, dict) for s in sheets) else Record()

    def note(self, name: str, **changes: Any) -> Record:  # noqa: ANN401 - fields of a record.
        """Change some of what is written of a cell and return all of it."""
        record = replace(self.record(name), **changes)
        with written_whole(self.of_cell(name) / "cell.json") as temporary:
            temporary.write_text(json.dumps(asdict(record), indent=1) + "\n")
        return record

    def missing(self, cell: Cell, evaluation_key: str) -> list[str]:
        """Return what is left to do for a cell: ``train``, ``scores``, ``spectra``."""
        record, run = self.record(cell.name), self.of_cell(cell.name)
        sheets = record.sheets.get(evaluation_key)
        there = {
            "scores": sheets is not None and all((run / str(s)).exists() for s in sheets.values()),
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
        begun = record.ended or any(self.of_cell(cell.name).glob("checkpoints/*.pt"))
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

    def _lock(self, name: str) -> Path:
        return self.path / "locks" / f"{name}.lock"
