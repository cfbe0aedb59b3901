"""What the C library does with memory that tensors free."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # Names of glibc's ``malloc.h``.
MIB = 2**20
KEPT = {MMAP_THRESHOLD: 1024 * MIB, TRIM_THRESHOLD: 2**31 - 1}
USUAL = {MMAP_THRESHOLD: 32 * MIB, TRIM_THRESHOLD: 64 * MIB}  # Where glibc's own adaptation ends.
RETURNED = {MMAP_THRESHOLD: MIB, TRIM_THRESHOLD: 64 * MIB}


class Allocator:
    """The allocator of this process; where it is not glibc's, nothing can be chosen.

    A large tensor is usually memory fresh from the system, which the processor enters page by page,
    with an interruption each. On a CPU these are a tenth of the time of a ResNet's iteration.
    """

    def __init__(self) -> None:
        self._keeps_freed = False
        self._mallopt: Callable[[int, int], Any] | None = None
        try:
            self._mallopt = ctypes.CDLL(None).mallopt
        except (AttributeError, OSError, TypeError):  # Another system's library.
            return

    @property
    def keeps_freed(self) -> bool:
        """Whether freed memory stays with the process, for the next tensor of its size."""
        return self._keeps_freed

    @keeps_freed.setter
    def keeps_freed(self, value: bool) -> None:
        if self._mallopt is not None:
            self._set(KEPT if value else USUAL)
            self._keeps_freed = value

    @contextmanager
    def returning_freed(self) -> Iterator[None]:
        """Give large memory back when it is freed: else each of several threads keeps its own."""
        self._set(RETURNED)
        try:
            yield
        finally:
            self._set(KEPT if self.keeps_freed else USUAL)

    def _set(self, sizes: dict[int, int]) -> None:
        if self._mallopt is not None:
            for parameter, size in sizes.items():
                self._mallopt(parameter, size)


ALLOCATOR = Allocator()
