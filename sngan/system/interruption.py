"""Signals that ask to end: a run ends between two iterations, never within one.

Besides Ctrl-C these are a closed terminal's SIGHUP, a scheduler's SIGTERM, and the SIGUSR1 or
SIGUSR2 by which Slurm warns before it kills. What is ignored when a program starts stays ignored:
``nohup`` and background jobs mean it.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
SIGNALS = tuple(getattr(signal, name) for name in NAMES if hasattr(signal, name))


class Terminated(BaseException):
    """A signal has come that would have ended the program at once.

    Args:
        number: Its number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def signals_raised() -> Iterator[None]:
    """Let them raise `Terminated`, as Ctrl-C raises KeyboardInterrupt: what was begun is left."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise Terminated(number)

    changed = [number for number in SIGNALS if signal.getsignal(number) == signal.SIG_DFL]
    for number in changed:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


class Interruption:
    """A context in which the first signal is noted and the second one ends as usual.

    Attributes:
        number: Of the signal that has come; None before.
    """

    def __init__(self) -> None:
        self.number: int | None = None

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
        self.number = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
