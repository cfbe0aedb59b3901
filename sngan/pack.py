"""Several trainings in one process that take turns on one device.

A small network leaves most of a GPU idle. Each training launches its next iteration on a stream of
its own and does not wait for it, so that the device works on several at once. Every training has
its own random numbers and results in what it would have resulted in alone.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from tqdm.contrib.logging import logging_redirect_tqdm

from sngan.interruption import Interruption
from sngan.random_state import OwnRandomState
from sngan.train import Result, Run


def run_together(runs: Sequence[Run], device: torch.device) -> list[Result | Exception]:
    """Train until all are done, or until the first Ctrl-C, at which all save and stop.

    While they are built, a signal ends the program as usual.

    Args:
        runs: Trainings that have not begun; see `sngan.train.train`.
        device: Where all of them compute.

    Returns:
        How each ended; the exception for one that failed, which does not stop the others.
    """
    lanes = [_Lane(run, device) for run in runs]
    for lane in lanes:
        lane.begin()
    with logging_redirect_tqdm(), Interruption() as interruption:
        while any(lane.end is None for lane in lanes):
            for lane in lanes:
                lane.advance(interruption.requested)
    return [lane.end for lane in lanes if lane.end is not None]


def run_alone(run: Run) -> Result:
    """Train to the end, or to the first Ctrl-C.

    Raises:
        Exception: What the training raises.
    """
    try:
        next(run)
        with logging_redirect_tqdm(), Interruption() as interruption:
            while True:
                run.send(interruption.requested)
    except StopIteration as end:
        return end.value


class _Lane:
    """One of several trainings, with what must not be shared."""

    def __init__(self, run: Run, device: torch.device) -> None:
        self._run = run
        self._random = OwnRandomState(device)
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        self.end: Result | Exception | None = None

    def begin(self) -> None:
        """Build it."""
        self._go(lambda: next(self._run))

    def advance(self, stop: bool) -> None:
        """Go on to the end of the next iteration, if it has not ended."""
        if self.end is None:
            self._go(lambda: self._run.send(stop))

    def _go(self, step: Callable[[], None]) -> None:
        with self._random, torch.cuda.stream(self._stream) if self._stream else nullcontext():
            try:
                step()
            except StopIteration as end:
                self.end = end.value
            except Exception as error:
                self.end = error
