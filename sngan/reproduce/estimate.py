"""How long what is left will take, by the speed of what has been trained."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from sngan.identity import digest
from sngan.reproduce.cells import Cell
from sngan.reproduce.folder import Folder

DECIDES_SPEED = ("architecture", "loss", "regularizer", "setting", "precision", "channels_last")


class Estimate:
    """Hours of one device, from the logged speeds of a folder's trainings.

    A cell counts with the speed of those that do the same work at each update; without such,
    with that of the same networks, scaled by the passes an update makes: the generator's, and
    n_dis of the discriminator. Scores and start are not in it.

    Args:
        folder: Where the trainings are.
        cells: Those to learn from.
    """

    def __init__(self, folder: Folder, cells: Iterable[Cell]) -> None:
        self._folder = folder
        self._same: dict[str, list[float]] = {}
        self._alike: dict[str, list[float]] = {}
        for cell in cells:
            seconds = seconds_per_step(folder.of_cell(cell.name))
            if seconds is not None:
                self._same.setdefault(_same_work(cell), []).append(seconds)
                self._alike.setdefault(_alike(cell), []).append(seconds / _passes(cell))

    def hours(self, cell: Cell) -> float | None:
        """Return how long the rest of a cell's training takes; None if nothing alike is known."""
        if cell.is_real:
            return 0.0
        seconds = self._seconds_per_step(cell)
        if seconds is None:
            return None
        checkpoints = sorted(self._folder.of_cell(cell.name).glob("checkpoints/step_*.pt"))
        done = int(checkpoints[-1].stem.removeprefix("step_")) if checkpoints else 0
        return (cell.config["total_steps"] - done) * seconds / 3600

    def _seconds_per_step(self, cell: Cell) -> float | None:
        if found := self._same.get(_same_work(cell)):
            return median(found)
        if found := self._alike.get(_alike(cell)):
            return median(found) * _passes(cell)
        return None


def seconds_per_step(run: Path) -> float | None:
    """Return the median time of an update of a training; None if none is logged.

    The first entry is left out where there are others: it holds the warming up.
    """
    speeds = [value for _, value in logged(run, "speed/steps_per_second")]
    return median(1 / speed for speed in speeds[1:] or speeds) if speeds else None


def logged(run: Path, name: str) -> list[tuple[int, float]]:
    """Return steps and values of one name in a run's ``metrics.jsonl``."""
    return [(line["step"], line["value"]) for line in log_lines(run) if line["name"] == name]


def log_lines(run: Path) -> list[Mapping[str, Any]]:
    """Return the lines of a run's ``metrics.jsonl``, but for those that a kill cut short."""
    path = run / "metrics.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    found: list[Mapping[str, Any]] = []
    for line in lines:
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and entry.keys() >= {"step", "name", "value", "seconds"}:
                found.append(entry)
    return found


def _same_work(cell: Cell) -> str:
    return digest([cell.config.get(key) for key in DECIDES_SPEED])


def _alike(cell: Cell) -> str:
    return digest([cell.config["architecture"], cell.config["precision"]])


def _passes(cell: Cell) -> int:
    return 1 + int(cell.config["setting"]["n_dis"])
