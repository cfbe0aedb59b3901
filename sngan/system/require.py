"""Checks of values that come from a user, made where the value is used."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager


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


def require_one_of(name: str, value: object, accepted: Collection[str]) -> None:
    """Raise unless a value is among those accepted.

    Raises:
        SettingError: If it is not.
    """
    if value not in accepted:
        raise SettingError(name, f"must be one of {', '.join(accepted)}, got {value}")
