"""What must be kept to go on where one left off, by name."""

from collections.abc import Mapping
from textwrap import shorten
from typing import Any, Protocol


class Stateful(Protocol):
    """Something with a state, as networks and optimizers of PyTorch have one."""

    def state_dict(self) -> Mapping[str, Any]:
        """Return the state: tensors, numbers, strings, None, and dicts and lists of them."""

    def load_state_dict(self, state: Any, /) -> object:  # noqa: ANN401 - of each what it gave.
        """Continue where `state_dict` was taken."""


class States:
    """A state made of others'. Whatever is added is saved and restored with the rest.

    Args:
        parts: What has a state, by the name under which it is kept.
    """

    def __init__(self, **parts: Stateful) -> None:
        self._parts: dict[str, Stateful] = parts

    def add(self, name: str, part: Stateful) -> None:
        """Add a part.

        Raises:
            ValueError: If there is one of this name.
        """
        if name in self._parts:
            raise ValueError(f"there is a state named {name} already")
        self._parts[name] = part

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every part."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken.

        Raises:
            ValueError: If a part has no state there, or one that it cannot take.
        """
        for name in self._parts:
            if name not in state:
                raise ValueError(f"the checkpoint holds no state of {name}")
        for name, part in self._parts.items():
            try:
                part.load_state_dict(state[name])
            # What is of another kind or size shows where it is used, each in its own way.
            except (RuntimeError, TypeError, LookupError, AttributeError) as error:
                said = shorten(str(error), 200, placeholder=" ...")  # In one line.
                raise ValueError(
                    f"the checkpoint's state of {name} does not fit: {said}"
                ) from error
