"""What a program meets when a setting is not accepted."""

from collections.abc import Iterator
from contextlib import contextmanager

from sngan.assembly.compose import CONFIGURATION_ERRORS


@contextmanager
def as_value_errors() -> Iterator[None]:
    """Raise ValueError for what the configuration libraries raise, whose errors are their own."""
    try:
        yield
    except CONFIGURATION_ERRORS as error:
        raise ValueError(str(error)) from error
