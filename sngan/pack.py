"""Several trainings in one process that take turns on one device.

A small network leaves most of a GPU idle. Each training launches its next iteration on a stream of
its own and does not wait for it, so that the device works on several at once. Every training has
its own random numbers and results in what it would have resulted in alone.
"""

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from tqdm.contrib.logging import logging_redirect_tqdm

from sngan.interruption import Interruption
from sngan.random_state import OwnRandomState
from sngan.train import Result, Run


def run_together(runs: Sequence[Run], device: torch.device) -> list[Result | Exception]:
    """Train until all are done, or until the first Ctrl-C, at which all save and stop.

    Args:
        runs: Trainings that have not begun; see `sngan.train.train`.
        device: Where all of them compute.

    Returns:
        How each ended; the exception for one that failed, which does not stop the others.
    """
    ends: dict[int, Result | Exception] = {}
    lanes = [_Lane(run, device) for run in runs]
    with logging_redirect_tqdm(), Interruption() as interruption:
        while len(ends) < len(lanes):
            for index, lane in enumerate(lanes):
                if index not in ends:
                    end = lane.advance(interruption.requested)
                    if end is not None:
                        ends[index] = end
    return [ends[index] for index in range(len(lanes))]


def run_alone(run: Run) -> Result:
    """Train to the end, or to the first Ctrl-C.

    Raises:
        Exception: What the training raises.
    """
    with logging_redirect_tqdm(), Interruption() as interruption:
        try:
            next(run)
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
        self._has_begun = False

    def advance(self, stop: bool) -> Result | Exception | None:
        """Go on to the end of the next iteration; return how it ended if it did."""
        with self._random, torch.cuda.stream(self._stream) if self._stream else nullcontext():
            try:
                if self._has_begun:
                    self._run.send(stop)
                else:
                    self._has_begun = True
                    next(self._run)
            except StopIteration as end:
                return end.value
            except Exception as error:
                return error
        return None
