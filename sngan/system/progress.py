"""How far a long computation is: a bar on a terminal, a line now and then elsewhere."""

import logging
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

logger = logging.getLogger(__name__)

FIRST_LINE = 10.0
BETWEEN_LINES = 30.0
"""Seconds, as the one before. A log file is read by people who wonder whether it still runs."""
SMOOTHING = 0.05


class PacedBar(tqdm):
    """A bar whose time left is by a pace that it is told, once it is.

    Attributes:
        pace: Units per second; None to let the bar estimate it from the last ones.
    """

    pace: float | None = None

    @property
    def format_dict(self) -> dict[str, Any]:
        """What the bar is made of."""
        return super().format_dict | ({} if self.pace is None else {"rate": self.pace})


def format_interval(seconds: float) -> str:
    """Return a time as ``minutes:seconds``, with hours where there are some."""
    text: str = tqdm.format_interval(seconds)
    return text


class Progress:
    """Counts what is done, and says how far it is and how long the rest will take.

    Silent where the log level is above INFO.

    Args:
        description: What is done.
        total: How many there are; None if nobody knows.
        unit: Of what.
        done: How many were done before.
    """

    def __init__(
        self, description: str, total: int | None, unit: str = "img", done: int = 0
    ) -> None:
        self.description = description
        self.total = total
        self.unit = unit
        self.done = done
        self._bar = PacedBar(
            desc=description or None,
            initial=done,
            total=total,
            unit=unit,
            unit_scale=unit == "B",
            smoothing=SMOOTHING,
            disable=None if logger.isEnabledFor(logging.INFO) else True,
            leave=False,
        )
        self._begun = (time.monotonic(), done)
        self._warm: tuple[float, int] | None = None  # When the first batch was done, and how many.
        self._said = self._begun[0] + FIRST_LINE - BETWEEN_LINES

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    @property
    def is_bar(self) -> bool:
        """Whether it is a bar on a terminal."""
        return not self._bar.disable

    @property
    def pace(self) -> float | None:
        """Units per second, by which the bar says what time is left; None for its own estimate."""
        return self._bar.pace

    @pace.setter
    def pace(self, pace: float | None) -> None:
        self._bar.pace = pace

    def update(self, count: int = 1) -> None:
        """Count some more."""
        self.done += count
        self._bar.update(count)
        if not self._bar.disable:
            return
        now = time.monotonic()
        if now >= self._said + BETWEEN_LINES and self.done != self.total:
            self._said = now
            logger.info("%s", self._line(now))
        if self._warm is None:  # The first batch also warms up, so later ones are timed.
            self._warm = (now, self.done)

    def say(self, text: str) -> None:
        """Say something else about it: in the bar, or as a line, which stands for the next one."""
        if self._bar.disable:
            self._said = time.monotonic()
            logger.info("%s", text)
        else:
            self._bar.set_postfix_str(text)

    def _line(self, now: float) -> str:
        """Return how far it is: percentage, speed and time left, as far as they are known."""
        since, before = self._warm or self._begun
        speed = (self.done - before) / max(now - since, 1e-9)
        far = f"{_said(self.done, self.unit)} at {_said(speed, self.unit)}/s"
        if self.total is not None:
            left = format_interval((self.total - self.done) / max(speed, 1e-9))
            percent = f"{self.done / self.total:.0%}"
            far = f"{percent} of {_said(self.total, self.unit)}, {_said(speed, self.unit)}/s, "
            far += f"{left} left"
        return f"{self.description}: {far}"


def _said(number: float, unit: str) -> str:
    if unit == "B":
        return f"{tqdm.format_sizeof(number)}B"
    return f"{number:,} {unit}" if isinstance(number, int) else f"{number:.1f} {unit}"
