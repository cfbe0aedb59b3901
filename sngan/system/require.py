"""Checks of values that come from a user, made where the value is used."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from math import isfinite


class SettingError(ValueError):
    """A setting has a value that is not accepted.

    Whoever raises it knows its own arguments only; whoever has built that part from a
    configuration knows where it stands there, see `within`.

    Args:
        setting: The argument's name.
        said: What is accepted and what came instead; the rest of the message.
    """

    def __init__(self, setting: str, said: str) -> None:
        super().__init__(f"{setting} {said}")
        self.setting = setting
        self.said = said

    def within(self, place: str) -> "SettingError":
        """Return the error with the setting's whole path.

        Args:
            place: Of the node whose setting it is.
        """
        return type(self)(f"{place}.{self.setting}", self.said)


class MissingPathError(SettingError, FileNotFoundError):
    """A setting names a file or folder that is not there, or that lacks what it should hold."""


@contextmanager
def within(place: str) -> Iterator[None]:
    """Let errors name settings by their whole path.

    Args:
        place: Of the node in the configuration from which what now works was built.
    """
    try:
        yield
    except SettingError as error:
        raise error.within(place) from error


def require_positive(**values: object) -> None:
    """Raise unless every value is an integer above 0.

    Raises:
        SettingError: Naming the first that is not.
    """
    for name, value in values.items():
        require_integer(name, value, least=1)


def require_integer(name: str, value: object, *, least: int, most: int | None = None) -> None:
    """Raise unless a value is an integer within limits.

    Raises:
        SettingError: If it is not.
    """
    wanted = f"an integer >= {least}"
    if most is not None:
        wanted = f"an integer between {least} and {most}"
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise SettingError(name, f"must be {wanted}, got {value}")
    if most is not None and value > most:
        raise SettingError(name, f"must be {wanted}, got {value}")


def require_seed(seed: object) -> None:
    """Raise unless a seed is an integer from 0.

    Raises:
        SettingError: If it is not.
    """
    require_integer("seed", seed, least=0)


def require_one_of(name: str, value: object, accepted: Collection[str]) -> None:
    """Raise unless a value is among those accepted.

    Raises:
        SettingError: If it is not.
    """
    if value not in accepted:
        raise SettingError(name, f"must be one of {', '.join(accepted)}, got {value}")


def require_bool(**values: object) -> None:
    """Raise unless every value is a boolean: ``no`` and ``maybe`` are words, and words are true.

    Raises:
        SettingError: Naming the first that is not.
    """
    for name, value in values.items():
        if not isinstance(value, bool):
            raise SettingError(name, f"must be true or false, got {value}")


def require_number(name: str, value: object, *, above: float | None = None) -> None:
    """Raise unless a value is a finite number, at least 0 or above a limit from 0.

    Raises:
        SettingError: If it is not.
    """
    wanted = ">= 0" if above is None else f"> {above:g}"
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise SettingError(name, f"must be a number {wanted}, got {value}")
    if value < 0 or (above is not None and value <= above):
        raise SettingError(name, f"must be a number {wanted}, got {value}")
