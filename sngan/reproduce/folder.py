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
        sheets: Files of scores by evaluation, and among these by ``last`` and ``best``.
        spectra: File of the singular values; empty if they are not measured.
    """

    ended: str = ""
    said: str = ""
    failure: str = ""
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
        cells = Cells(dict(plan.cells.by_name), {use: [*n] for use, n in plan.cells.uses.items()})
        for use, names in before.cells.uses.items():
            if set(names).isdisjoint(cells.uses.get(use, names)):
                raise ValueError(
                    f"{self.path} holds a reproduction begun with --scale {before.scale} and "
                    f"{' '.join(before.words) or 'no settings'}; --folder names another"
                )
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
            cells = {name: Cell.from_json(cell) for name, cell in content["cells"].items()}
            return Plan(
                scale=content["scale"],
                words=content["words"],
                evaluation=content["evaluation"],
                cells=Cells(cells, content["uses"]),
            )
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is damaged: {error!r}") from error

    def record(self, name: str) -> Record:
        """Read what a cell has come to; nothing, if nothing is written."""
        try:
            return Record(**json.loads((self.of_cell(name) / "cell.json").read_text()))
        except (OSError, ValueError, TypeError):
            return Record()

    def note(self, name: str, **changes: Any) -> Record:  # noqa: ANN401 - fields of a record.
        """Change some of what is written of a cell and return all of it."""
        record = replace(self.record(name), **changes)
        with written_whole(self.of_cell(name) / "cell.json") as temporary:
            temporary.write_text(json.dumps(asdict(record), indent=1) + "\n")
        return record

    def missing(self, cell: Cell, evaluation_key: str) -> list[str]:
        """Return what is left to do for a cell: ``train``, ``scores``, ``spectra``."""
        record = self.record(cell.name)
        there = {"scores": evaluation_key in record.sheets, "spectra": bool(record.spectra)}
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
    def held(self, name: str) -> Iterator[bool]:
        """Hold a cell, so that no other process works on it; the system lets go of a killed one's.

        Yields:
            Whether nobody else holds it.
        """
        self._lock(name).parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock(name))
        try:
            lock.acquire(timeout=PATIENCE)
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
        with self.held(name) as is_ours:
            return not is_ours

    def _lock(self, name: str) -> Path:
        return self.path / "locks" / f"{name}.lock"
