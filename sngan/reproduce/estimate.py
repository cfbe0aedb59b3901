"""How long what is left will take, by the speed of what has been trained."""

from collections.abc import Collection, Iterable
from statistics import median

from sngan.reproduce.cell import Cell
from sngan.reproduce.reproduction import Reproduction
from sngan.run_folder.folder import RunFolder, step_of
from sngan.run_folder.identity import digest
from sngan.run_folder.metrics import read_metrics
from sngan.run_folder.pace import Pace, pace_of

DECIDES_SPEED = ("architecture", "loss", "regularizer", "setting", "precision", "channels_last")


class Estimate:
    """Hours of one device, from what the cells of a folder took.

    A training counts with the time of those that do the same work at each update, start and
    monitors included where such have ended; without such, with that of the same networks, scaled
    by the passes an update makes: the generator's, and n_dis of the discriminator. Scores and
    singular values count with the median of what they took elsewhere.

    Args:
        folder: Where the trainings are.
        cells: Those to learn from.
    """

    def __init__(self, folder: Reproduction, cells: Iterable[Cell]) -> None:
        self._folder = folder
        self._same: dict[str, list[float]] = {}
        self._alike: dict[str, list[float]] = {}
        self._other: dict[str, list[float]] = {}
        for cell in cells:
            took = folder.record(cell.name).seconds
            for need in set(took) - {"train"}:
                self._other.setdefault(_kind(cell, need), []).append(took[need])
            pace = _pace_of(folder.of_cell(cell.name))
            seconds = took.get("train") or (0.0 if pace is None else pace.seconds_with_all)
            if seconds:
                self._same.setdefault(_same_work(cell), []).append(seconds)
                self._alike.setdefault(_alike(cell), []).append(seconds / _passes(cell))

    def hours(self, cell: Cell, missing: Collection[str] = ("train",)) -> float | None:
        """Return how long the rest of a cell takes; None if no training alike is known.

        Args:
            cell: It.
            missing: What is left of it, see `Reproduction.missing`.
        """
        found = [self._other.get(_kind(cell, need)) for need in missing if need != "train"]
        others = sum(median(took) for took in found if took) / 3600
        if cell.is_real or "train" not in missing:
            return others
        seconds = self._seconds_per_step(cell)
        if seconds is None:
            return None
        checkpoints = self._folder.of_cell(cell.name).checkpoints
        done = step_of(checkpoints[-1]) if checkpoints else 0
        return (cell.config["total_steps"] - done) * seconds / 3600 + others

    def _seconds_per_step(self, cell: Cell) -> float | None:
        if found := self._same.get(_same_work(cell)):
            return median(found)
        if found := self._alike.get(_alike(cell)):
            return median(found) * _passes(cell)
        return None


def seconds_per_step(run: RunFolder) -> float | None:
    """Return the median time of an update of a training, without what comes besides.

    None if none is logged.
    """
    pace = _pace_of(run)
    return None if pace is None else pace.seconds_per_step


def _pace_of(run: RunFolder) -> Pace | None:
    return pace_of(read_metrics(run.metrics))


def _kind(cell: Cell, need: str) -> str:
    return f"real {need}" if cell.is_real else need


def _same_work(cell: Cell) -> str:
    return digest([cell.config.get(key) for key in DECIDES_SPEED])


def _alike(cell: Cell) -> str:
    return digest([cell.config["architecture"], cell.config["precision"]])


def _passes(cell: Cell) -> int:
    return 1 + int(cell.config["setting"]["n_dis"])
