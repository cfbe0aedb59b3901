"""What is not used, counted by reason, and said in a line for each."""

import logging
from collections.abc import Iterator
from pathlib import Path

from sngan.system.printable import printable

logger = logging.getLogger(__name__)

NAMED = 5  # Of each reason; the others are counted.


class LeftOut:
    """Files or folders that are not used, by reason. It is small, however many there are."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, path: str | Path) -> None:
        """Count one more."""
        self._counts[reason] = self._counts.get(reason, 0) + 1
        names = self._names.setdefault(reason, [])
        if len(names) < NAMED:
            names.append(printable(path))

    def count(self) -> int:
        """Return how many there are."""
        return sum(self._counts.values())

    def lines(self, total: int, kind: str) -> Iterator[str]:
        """Yield what is to be said, by reason.

        Args:
            total: How many there were, used or not.
            kind: What they are, in the plural.
        """
        for reason, count in self._counts.items():
            names = ", ".join(self._names[reason]) + (", ..." if count > NAMED else "")
            yield f"left out {count} of {total} {kind}: {reason}: {names}"

    def warn(self, total: int, kind: str = "pictures") -> None:
        """Log the lines; see `lines`."""
        for line in self.lines(total, kind):
            logger.warning("%s", line)
