"""Signals that ask to end: a run ends between two iterations, never within one.

Besides Ctrl-C these are a closed terminal's SIGHUP, a scheduler's SIGTERM, and the SIGUSR1 or
SIGUSR2 by which Slurm warns before it kills. What is ignored when a program starts stays ignored:
``nohup`` and background jobs mean it.

Outside of the iterations a command ends at once. Nothing is raised for that: a library may catch
whatever is raised within it, or show it where nobody can catch it, as in ``atexit``.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
SIGNALS = tuple(getattr(signal, name) for name in NAMES if hasattr(signal, name))
EXIT_SIGNAL = 128
"""To which the number of the signal is added, as shells have it."""
SAME = 1
"""Seconds within which several signals are one."""

Clean = Callable[[], object]

_TO_CLEAN: list[tuple[int, Clean]] = []  # With the process: a fork has a copy of the list.


def end_at_once() -> None:
    """Let signals end this process at once, in one line, with the exit code that shells have."""
    for number in SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _end)


def clean_at_end(clean: Clean) -> None:
    """Clean up where a signal ends this process at once; see `cleaned`."""
    _TO_CLEAN.append((os.getpid(), clean))


@contextmanager
def cleaned(clean: Clean) -> Iterator[None]:
    """Clean up in the end, also where a signal ends the process at once.

    Args:
        clean: What to do. It may come at any moment, and twice.
    """
    entry = (os.getpid(), clean)
    _TO_CLEAN.append(entry)
    try:
        yield
    finally:
        try:
            clean()
        finally:
            _TO_CLEAN.remove(entry)


def _end(number: int, _frame: FrameType | None) -> None:
    for other in SIGNALS:  # Impatience must not keep us from cleaning up.
        signal.signal(other, signal.SIG_IGN)
    for owner, clean in reversed(_TO_CLEAN):
        if owner == os.getpid():
            with suppress(Exception):
                clean()
    said = "interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"
    with suppress(OSError):  # Not by sys.stderr, which may be in the middle of a line.
        os.write(2, f"{said}; what was written before is whole\n".encode())
    code = EXIT_SIGNAL + number
    workers = interrupt_workers()
    for other in SIGNALS if workers else ():
        signal.signal(other, lambda _number, _frame: os._exit(code))
    for worker in workers:  # They save.
        worker.join()
    os._exit(code)


def interrupt_workers() -> "list[BaseProcess]":
    """Send Ctrl-C to the processes that this one shares its work with, and return them.

    From a terminal they get it, too; by another way this process alone gets a signal.
    """
    library = sys.modules.get("multiprocessing")
    workers = [] if library is None else library.active_children()
    for worker in workers:
        with suppress(OSError):
            os.kill(worker.pid, signal.SIGINT)
    return workers


class Interruption:
    """A context in which the first signal is noted and a later one ends as usual.

    What comes within a second is the same: a terminal and a launcher, or a scheduler by two ways,
    send one each.

    Attributes:
        number: Of the signal that has come; None before.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._noted_at = 0.0

    @property
    def requested(self) -> bool:
        """Whether a signal has come."""
        return self.number is not None

    def __enter__(self) -> "Interruption":
        handled = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self._previous = {number: signal.signal(number, self._note) for number in handled}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.number is None:
            self.number, self._noted_at = number, time.monotonic()
        elif time.monotonic() > self._noted_at + SAME:
            self._restore()
            signal.raise_signal(number)

    def _restore(self) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
