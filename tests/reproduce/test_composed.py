"""Composing is remembered, and forgotten when the configuration changes."""

import pytest

from sngan.reproduce import composed
from sngan.reproduce.composed import compose_all

WORDS = ("+experiment=figure9", "+scale=smoke")


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Count what is composed, in a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = []
    original = composed.compose_trainings

    def compose(lines):
        done.extend(lines)
        return original(lines)

    monkeypatch.setattr(composed, "compose_trainings", compose)
    return done


def test_nothing_is_composed_twice(calls):
    ((first, choices),) = compose_all([WORDS])
    first["setting"]["lr"] = None  # Whoever has it may change it.
    both = compose_all([WORDS, WORDS])
    next(both)[0]["setting"]["lr"] = None
    assert next(both)[0]["setting"]["lr"] == 0.0002
    again = list(compose_all([WORDS, WORDS]))
    assert calls == [WORDS]
    assert again[0][0]["setting"]["lr"] == 0.0002
    assert choices["method"] == again[1][1]["method"] == "spectral_norm"


def test_another_configuration_is_composed_anew(calls, monkeypatch):
    list(compose_all([WORDS]))
    monkeypatch.setattr(composed, "_digest", lambda: "another")
    list(compose_all([WORDS]))
    assert calls == [WORDS, WORDS]


@pytest.mark.parametrize("damage", ["", "[]", '{"a"', '{"+experiment=figure9 +scale=smoke": 3}'])
def test_a_damaged_cache_is_made_anew(calls, tmp_path, damage):
    list(compose_all([WORDS]))
    (path,) = tmp_path.rglob("composed-*.json")
    path.write_text(damage)
    list(compose_all([WORDS]))
    assert calls == [WORDS, WORDS]


def test_errors_are_those_of_the_command(calls):
    with pytest.raises(ValueError, match="precision must be one of"):
        list(compose_all([("precision=float7",)]))
