"""Several trainings in one process that take turns on one device.

A small network leaves most of a GPU idle. Each training launches its next iteration on a stream of
its own and does not wait for it, so that the device works on several at once. Every training has
its own random numbers and results in what it would have resulted in alone.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from threading import Semaphore, Thread

import torch
from tqdm.contrib.logging import logging_redirect_tqdm

from sngan.system.interruption import Interruption
from sngan.system.random_state import OwnRandomState
from sngan.training.loop import Result, ShouldStop

Go = Callable[[ShouldStop], Result]
"""A training that is built: it trains, asking after every iteration whether to stop."""


def run_together(
    begins: Sequence[Callable[[], Go]],
    device: torch.device,
    interruption: Interruption | None = None,
) -> list[Result | Exception]:
    """Train until all are done, or until the first Ctrl-C, at which all save and stop.

    While they are built, a signal ends the program as usual.

    Args:
        begins: Each builds a training; see `Go`.
        device: Where all of them compute.
        interruption: Notes a signal once all are built.

    Returns:
        How each ended; the exception for one that failed, which does not stop the others.
    """
    trainings = [_PackedTraining(begin, device) for begin in begins]
    with logging_redirect_tqdm(), interruption or Interruption() as interruption:
        while any(training.end is None for training in trainings):
            for training in trainings:
                if training.end is None:
                    training.advance(interruption.requested)
    return [training.end for training in trainings if training.end is not None]


class _PackedTraining:
    """One of several trainings, in a thread of its own that works only when it is its turn.

    Args:
        begin: Builds it, now.
        device: Where it computes.
    """

    def __init__(self, begin: Callable[[], Go], device: torch.device) -> None:
        self.end: Result | Exception | None = None
        self._random = OwnRandomState(device)
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        self._its_turn, self._ours = Semaphore(0), Semaphore(0)
        self._stop = False
        try:
            with self._random, self._on_its_stream():
                go = begin()
        except Exception as error:
            self.end = error
        else:
            # A second Ctrl-C leaves at once, without waiting for it.
            Thread(target=self._train, args=(go,), daemon=True).start()

    def advance(self, stop: bool) -> None:
        """Let it go on to the end of its next iteration, and wait for that."""
        self._stop = stop
        with self._random:  # PyTorch's random state is that of the whole process.
            self._its_turn.release()
            self._ours.acquire()

    def _train(self, go: Go) -> None:
        self._its_turn.acquire()
        try:
            with self._on_its_stream():
                self.end = go(self._rest)
        except Exception as error:
            self.end = error
        self._ours.release()

    def _rest(self) -> bool:
        """Let the others work until it is its turn again; return whether to stop."""
        self._ours.release()
        self._its_turn.acquire()
        return self._stop

    def _on_its_stream(self) -> "torch.cuda.StreamContext | nullcontext[None]":
        return torch.cuda.stream(self._stream) if self._stream else nullcontext()
