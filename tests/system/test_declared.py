from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal, Protocol

import pytest
from annotated_types import Ge, Interval, Len

from sngan.system.declared import (
    BatchSize,
    Decay,
    Layers,
    PathText,
    Seed,
    Width,
    accepted,
    check,
    checked,
    said,
)
from sngan.system.require import SettingError

Word = Literal["round", "truncate"]
Betas = tuple[Decay, Decay]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Seed, 2**32 - 1, 2**32 - 1),
        (Width, 1, 1.0),
        (Decay, 0, 0.0),
        (Betas, [0, 0.9], (0.0, 0.9)),
        (Layers, [8, 4], [8, 4]),
        (Layers, (8, 4), (8, 4)),
        (BatchSize | None, None, None),
        (Word, "round", "round"),
        (PathText, Path("a"), Path("a")),
        (bool, False, False),
    ],
)
def test_what_is_accepted(kind, value, expected):
    found = check("x", kind, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (Seed, (-1, 2**32, 1.0, True, "1", None, [1], {}), "an integer between 0 and 4294967295"),
        (Width, (0, -1, 65, True, "1", float("nan"), 10**400), "a number > 0 and <= 64"),
        (Decay, (1, float("inf"), None), "a number >= 0 and < 1"),
        (Betas, ([0.5], [0.5, 1], 0.5, "ab"), "a list of a number >= 0 and < 1, a number >= 0"),
        (Layers, ([8], [8, 0], [8, "a"], "ab", 8), "a list of 2 to 32 entries, each an integer be"),
        (BatchSize | None, (0, "null"), "an integer between 1 and 65536 or null"),
        (Word, ("floor", 1, ["round"], {"a": 1}), "one of round, truncate"),
        (PathText, ("", 2024, True), "a text of 1 to 4096 characters or a path"),
        (bool, ("yes", 1, None), "true or false"),
        (Annotated[int, Ge(2)], (1,), "an integer >= 2"),
        (Sequence[str], ("a", [1]), "a list, each a text"),
    ],
)
def test_what_is_not(kind, values, words):
    for value in values:
        with pytest.raises(SettingError, match="must be ") as error:
            check("x", kind, value)
        assert f"x must be {words}" in str(error.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "null"), (True, "true"), ("", "''"), ("a\nb", r"a\nb"), ("x" * 200, "x" * 100 + "...")],
)
def test_values_are_shown_as_they_are_typed(value, shown):
    with pytest.raises(SettingError) as error:
        check("x", int, value)
    assert str(error.value) == f"x must be an integer, got {shown}"


class Measure(Protocol):
    def __call__(self) -> float: ...


def test_a_function_takes_what_its_signature_says():
    @checked
    def scale(
        width: Width,
        *,
        times: Annotated[int, Interval(ge=1, le=3)] = 2,
        measure: Measure | None = None,
    ) -> object:
        return width, times, measure

    assert scale(1, measure=print) == (1.0, 2, print)
    with pytest.raises(SettingError, match=r"^times must be an integer between 1 and 3, got 4$"):
        scale(1.0, times=4)
    with pytest.raises(TypeError, match="unexpected"):
        scale(1.0, tims=4)


class Theirs:
    def __init__(
        self, weight: float, names: "Sequence[str]" = (), other=None, call: Callable = print
    ):
        pass


class Broken:
    def __init__(self, weight: "NotThere"):  # noqa: F821
        pass


def test_classes_of_others_are_taken_at_their_word():
    given = {"weight": 1, "names": ["a"], "other": object}
    assert accepted(Theirs, given) == {**given, "weight": 1.0}
    with pytest.raises(SettingError, match=r"^weight must be a number, got abc$"):
        accepted(Theirs, {"weight": "abc"})
    with pytest.raises(SettingError, match=r"^names must be a list, each a text, got abc$"):
        accepted(Theirs, {"names": "abc"})
    assert accepted(Broken, {"weight": "abc"}) == {"weight": "abc"}


def test_words_for_any_kind():
    assert said(Annotated[Sequence[Word], Len(1, 2)]) == (
        "a list of 1 to 2 entries, each one of round, truncate"
    )
    assert said(Theirs | None) == "a Theirs or null"
