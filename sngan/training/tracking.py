"""Passes on to trackers what a run writes down; none of them can end or change the run."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import torch

from sngan.logger.base import Logger, Outcome, Plain, TrackedRun
from sngan.run_folder.folder import Best, RunFolder, step_of_grid
from sngan.run_folder.metrics import Metrics, read_metrics
from sngan.system.printable import printable
from sngan.system.random_state import kept_random_state

logger = logging.getLogger(__name__)

SCORES = ("distance/", "score/")
"""How the names of scores begin."""
MOST_SHOWN = 200
"""Characters of a tracker's error."""


class Tracking:
    """The trackers of one run.

    Args:
        loggers: By name.
        folder: Of the run.
        settings: The whole configuration.
        device: Where random numbers are drawn besides the CPU.
    """

    def __init__(
        self,
        loggers: Mapping[str, Logger],
        folder: RunFolder,
        settings: Mapping[str, Any],
        device: torch.device,
    ) -> None:
        self._alive = dict(loggers)
        self._folder = folder
        self._settings = settings
        self._device = device
        self._has_begun = False

    def begin(self, metrics: Metrics) -> None:
        """Tell trackers what is in the run's folder already, and from now on what comes.

        Args:
            metrics: Of the run.
        """
        if not self._alive:
            return
        path = self._folder.path
        name = "/".join(path.absolute().parts[-2:])
        run = TrackedRun(path, name, dict(_flat(self._settings)))
        with metrics.not_counted():
            self._each(lambda tracker: tracker.begin(run))
            for tell in _history(self._folder, time.time() - metrics.seconds):
                self._each(tell)
        metrics.tell = self.log
        self._has_begun = True

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Pass on an entry of the metrics."""
        self._each(lambda tracker: tracker.log(step, values, time.time()))

    def picture(self, step: int, path: Path) -> None:
        """Pass on a grid."""
        if self._has_begun:
            self._each(lambda tracker: tracker.picture(step, path, time.time()))

    def end(self, outcome: Outcome, best: Best | None = None) -> None:
        """Tell trackers how the run ended.

        Args:
            outcome: How.
            best: The best checkpoint, if a monitor says what is good.
        """
        if self._has_begun:
            lines = read_metrics(self._folder.metrics)
            step = lines[-1]["step"] if lines else 0
            scores = final_scores(lines, best)
            self._each(lambda tracker: tracker.end(step, scores, outcome))

    def _each(self, tell: Callable[[Logger], None]) -> None:
        """Tell each tracker; one that fails is told nothing more."""
        for name, tracker in [*self._alive.items()]:
            try:
                with kept_random_state(self._device):
                    tell(tracker)
            except Exception as error:  # Whatever it is, hours of training are worth more.
                del self._alive[name]
                said = printable(" ".join(str(error).split()))[:MOST_SHOWN]
                logger.warning(
                    "logger=%s failed and gets nothing more; the training goes on (%s: %s)",
                    name, type(error).__name__, said,
                )  # fmt: skip


NO_TRACKING = Tracking({}, RunFolder(Path()), {}, torch.device("cpu"))


def final_scores(lines: list[Mapping[str, Any]], best: Best | None) -> dict[str, float]:
    """Return what monitors scored last, and at the best checkpoint.

    Args:
        lines: Of ``metrics.jsonl``.
        best: The best checkpoint.
    """
    decisive = None if best is None else best.name
    scores = [x for x in lines if x["name"].startswith(SCORES) or x["name"] == decisive]
    found = {f"last/{line['name']}": line["value"] for line in scores}
    if best is not None:
        of_best = (line for line in scores if line["step"] == best.step)
        found |= {f"best/{line['name']}": line["value"] for line in of_best}
        found["best/step"] = best.step
    return found


def _history(folder: RunFolder, begin: float) -> Iterator[Callable[[Logger], None]]:
    """Yield what to tell of a run's past, in order; ``begin`` is when it would have begun."""
    grids = {step_of_grid(path): path for path in folder.grids}
    of_step = groupby(read_metrics(folder.metrics), key=lambda line: line["step"])
    entries = {step: [*lines] for step, lines in of_step}
    at = begin
    for step in sorted({*entries, *grids}):
        for seconds, lines in groupby(entries.get(step, ()), key=lambda line: line["seconds"]):
            at = begin + seconds
            values = {line["name"]: line["value"] for line in lines}
            yield partial(_log, step=step, values=values, at=at)
        if step in grids:
            yield partial(_picture, step=step, path=grids[step], at=at)


def _log(tracker: Logger, step: int, values: Mapping[str, float], at: float) -> None:
    tracker.log(step, values, at)


def _picture(tracker: Logger, step: int, path: Path, at: float) -> None:
    tracker.picture(step, path, at)


def _flat(node: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Plain]]:
    """Yield settings by their whole names; what no tracker has a kind for, as text."""
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            is_plain = isinstance(value, str | int | float)
            yield f"{before}{key}", value if is_plain else json.dumps(value)
