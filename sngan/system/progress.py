"""How far a long computation is: a bar on a terminal, a line now and then elsewhere."""

import logging
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 10.0
WORTH_SAYING = 60.0  # Seconds; an estimate below is not worth a line.


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


class Progress:
    """Counts pictures, and says early how long all of them will take.

    Silent where the log level is above INFO.

    Args:
        description: What is done to them.
        total: How many there are.
    """

    def __init__(self, description: str, total: int) -> None:
        is_silent = not logger.isEnabledFor(logging.INFO)
        self.description = description
        self.total = total
        self._done = 0
        self._bar = tqdm(
            desc=description,
            total=total,
            unit="img",
            disable=True if is_silent else None,
            leave=False,
        )
        self._first: tuple[float, int] | None = None  # When the first batch was done, and how many.
        self._has_estimated = False
        self._said = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def update(self, count: int) -> None:
        """Count some more pictures."""
        now = time.monotonic()
        self._done += count
        self._bar.update(count)
        if self._first is None:  # The first batch also warms up, so the second one is timed.
            self._first = (now, self._done)
            return
        speed = (self._done - self._first[1]) / max(now - self._first[0], 1e-9)
        left = (self.total - self._done) / speed
        if not self._has_estimated:
            self._has_estimated = True
            if left > WORTH_SAYING:
                self._say(f"about {tqdm.format_interval(left)} at {speed:.1f} img/s")
        elif self._bar.disable and now - self._said > SECONDS_BETWEEN_LINES:
            self._said = now
            self._say(f"{self._done:,} done, {speed:.1f} img/s, {tqdm.format_interval(left)} left")

    def _say(self, text: str) -> None:
        line = f"{self.description}: {self.total:,} pictures, {text}"
        if self._bar.disable:
            logger.info(line)
        else:
            self._bar.write(line, file=self._bar.fp)
