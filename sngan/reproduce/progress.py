"""How far a reproduction is while it works: in its log, and in a file that all workers write."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sngan.reproduce.cell import Cell
from sngan.reproduce.estimate import Estimate
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.system.log_file import LogFile

FILE = "progress.log"
"""In the folder of a reproduction."""


class Progress:
    """Where the jobs of an invocation are among all their cells.

    Args:
        folder: Of the reproduction.
        plan: Its plan.
        cells: Of all jobs.
        attempt: What failed under this name is not tried again.
    """

    def __init__(
        self, folder: Reproduction, plan: Plan, cells: Sequence[Cell], attempt: str
    ) -> None:
        self._folder, self._plan, self._cells, self._attempt = folder, plan, cells, attempt

    def __str__(self) -> str:
        """Return ``cell 3 of 203, about 4 h left``, for who has just begun a cell.

        The time is that of as many cells at once as are worked on now, by the speed of what has
        ended of each kind.
        """
        estimate = Estimate(self._folder, self._plan.cells.by_name.values())
        left = [(cell, missing) for cell in self._cells if (missing := self._missing(cell))]
        at_work = max(1, sum(self._folder.is_held(cell.name) for cell, _ in left))
        hours = [estimate.hours(cell, missing) for cell, missing in left]
        known = [value for value in hours if value is not None]
        number = min(len(self._cells) - len(left) + at_work, len(self._cells))
        said = [f"cell {number} of {len(self._cells)}"]
        said += [f"about {in_words(sum(known) / at_work)} left"] if any(known) else []
        if any(known) and len(known) < len(hours):
            said.append(f"{len(hours) - len(known)} of unknown length besides")
        return ", ".join(said)

    def _missing(self, cell: Cell) -> list[str]:
        record = self._folder.record(cell.name)
        if record.failure and record.attempt == self._attempt:
            return []
        return self._folder.missing(cell, self._plan.evaluation_key)


def in_words(hours: float) -> str:
    """Return a time as ``4 h``, ``1.5 h``, ``12 min`` or ``40 s``."""
    minutes = hours * 60
    if minutes >= 90:
        return f"{hours:.0f} h" if hours >= 3 else f"{hours:.1f} h"
    return f"{minutes:.0f} min" if minutes >= 1.5 else f"{minutes * 60:.0f} s"


@contextmanager
def written_down(folder: Reproduction) -> Iterator[None]:
    """Write what is logged of the cells to a file that all workers share.

    Args:
        folder: Of the reproduction.
    """
    handler = LogFile(folder.path / FILE)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(message)s"))
    about_cells = logging.getLogger("sngan.reproduce")
    about_cells.addHandler(handler)
    try:
        yield
    finally:
        about_cells.removeHandler(handler)
        handler.close()
