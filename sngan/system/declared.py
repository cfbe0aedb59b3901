"""Settings declared where they are taken: a signature gives each one its type and its range.

`checked` makes a constructor hold what its annotations say, for users of a command and of the
library alike; `check` does it for a single value. The rules are pydantic's strict ones: a word is
no number, and true is none either; but a whole number does wherever a fraction does.

Upper limits are far beyond any use. They are there because a number may be mistyped, or come from
a stranger's file, and says how much work is to be done.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import Interval, Len
from pydantic import (
    ConfigDict,
    InstanceOf,
    PydanticSchemaGenerationError,
    PydanticUserError,
    TypeAdapter,
    ValidationError,
)

from sngan.system.printable import shown
from sngan.system.require import SettingError

Seed = Annotated[int, Interval(ge=0, le=2**32 - 1)]
"""PyTorch's generator on the CPU takes no more bits."""
Steps = Annotated[int, Interval(ge=1, le=10**9)]
"""Iterations."""
Times = Annotated[int, Interval(ge=1, le=1000)]
"""How often something is done within an iteration."""
BatchSize = Annotated[int, Interval(ge=1, le=2**16)]
Count = Annotated[int, Interval(ge=1, le=10**8)]
"""Of pictures."""
Pixels = Annotated[int, Interval(ge=1, le=4096)]
"""Side of a picture."""
Classes = Annotated[int, Interval(ge=1, le=10**6)]
Channels = Annotated[int, Interval(ge=1, le=2**16)]
"""Length of a vector within a network."""
ImageChannels = Literal[1, 3]
"""Of a picture: grey, or RGB."""
Layers = Annotated[Sequence[Channels], Len(2, 32)]
"""One more than there are layers between them."""
Width = Annotated[float, Interval(gt=0, le=64)]
"""A factor on channels."""
Weight = Annotated[float, Interval(ge=0, le=1e9)]
"""Of a term in a sum."""
Share = Annotated[float, Interval(ge=0, le=1)]
Decay = Annotated[float, Interval(ge=0, lt=1)]
"""What of a running mean stays."""
Small = Annotated[float, Interval(gt=0, le=1)]
"""Added to a denominator, or a spread."""
Positive = Annotated[float, Interval(gt=0, le=1e9)]
Text = Annotated[str, Len(1, 4096)]
PathText = Text | Path

CONFIG = ConfigDict(strict=True, allow_inf_nan=False, arbitrary_types_allowed=True)
WORDS = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "a text",
    NoneType: "null",
    Path: "a path",
}
SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


def checked(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
    """Let a function, as a constructor, refuse arguments that its annotations do not admit.

    Raises:
        SettingError: When it is called with one, naming it and what is accepted.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        bound = signature.bind(*args, **kwargs)
        bound.arguments.update(accepted(function, bound.arguments))
        return function(*bound.args, **bound.kwargs)

    return call


def accepted(function: Callable[..., object], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as the annotations of a function, or of a class, admit them.

    Args:
        function: Anybody's. An argument without annotation is taken as it is.
        given: Arguments by name.

    Raises:
        SettingError: Naming the first that is not accepted.
    """
    kinds = kinds_of(function)
    return {name: check(name, kinds.get(name, Any), value) for name, value in given.items()}


def check(name: str, kind: Any, value: Any) -> Any:  # noqa: ANN401 - a setting may be anything.
    """Return a value as its declared kind has it.

    Args:
        name: Of the setting.
        kind: A type, annotated with its range. One that cannot be checked admits everything.
        value: What was given.

    Raises:
        SettingError: If it is not accepted.
    """
    adapter = _adapter(kind)
    if isinstance(value, list) and get_origin(kind) is tuple:
        value = tuple(value)  # No configuration holds one.
    try:
        return value if adapter is None else adapter.validate_python(value)
    except ValidationError:
        raise SettingError(name, f"must be {said(kind)}, got {shown(value)}") from None


@cache
def kinds_of(function: Callable[..., object]) -> dict[str, Any]:
    """Return the declared kind of each argument that has one."""
    called = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    try:
        return get_type_hints(called, include_extras=True)
    except (NameError, TypeError):  # Of others, and only for type checkers.
        return {}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any] | None:  # noqa: ANN401 - any type.
    """Return what checks a kind; None for a protocol, of which no object knows that it has it."""
    if _names_protocol(kind):
        return None
    try:
        return TypeAdapter(kind, config=CONFIG)
    except PydanticSchemaGenerationError:
        return None
    except PydanticUserError:  # A dataclass has rules of its own.
        return TypeAdapter(InstanceOf[kind])


def _names_protocol(kind: Any) -> bool:  # noqa: ANN401 - any type.
    return getattr(kind, "_is_protocol", False) or any(map(_names_protocol, get_args(kind)))


def said(kind: Any) -> str:  # noqa: ANN401 - any type.
    """Return a kind in words: ``an integer between 1 and 9 or null``."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _said_within(parts[0], parts[1:])
    if origin is Literal:
        return f"one of {', '.join(map(str, parts))}"
    if origin in (Union, UnionType):
        return " or ".join(said(part) for part in parts)
    if origin is tuple:
        return f"a list of {', '.join(said(part) for part in parts)}"
    if origin is Sequence:
        return f"a list, each {said(parts[0])}"
    return WORDS.get(kind) or f"a {getattr(origin or kind, '__name__', kind)}"


def _said_within(kind: Any, limits: Sequence[Any]) -> str:  # noqa: ANN401 - any type.
    """Return a kind with its range in words."""
    bounds = {
        key: getattr(limit, key)
        for limit in limits
        for key in (*SIGNS, "min_length", "max_length", "pattern")
        if getattr(limit, key, None) is not None
    }
    if bounds.keys() == {"ge", "le"}:
        return f"{said(kind)} between {bounds['ge']} and {bounds['le']}"
    if bounds.keys() == {"min_length", "max_length"}:
        length = f"of {bounds['min_length']} to {bounds['max_length']}"
        if kind is str:
            return f"a text {length} characters"
        return f"a list {length} entries, each {said(get_args(kind)[0])}"
    if "pattern" in bounds:
        return f"a text that matches {bounds['pattern']}"
    signs = [f"{SIGNS[key]} {bound}" for key, bound in bounds.items() if key in SIGNS]
    return f"{said(kind)} {' and '.join(signs)}".rstrip()
