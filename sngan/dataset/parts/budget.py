"""Threads that share what must not be used up."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Budget:
    """So much may be taken by all threads together; who asks for more than is left waits.

    Args:
        total: How much there is.
    """

    def __init__(self, total: int) -> None:
        self._total = self._left = total
        self._changed = Condition()

    @contextmanager
    def taken(self, amount: int) -> Iterator[None]:
        """Take some for as long as the context lasts.

        Args:
            amount: How much; all there is, if it is more.
        """
        amount = min(amount, self._total)
        with self._changed:
            self._changed.wait_for(lambda: amount <= self._left)
            self._left -= amount
        try:
            yield
        finally:
            with self._changed:
                self._left += amount
                self._changed.notify_all()
