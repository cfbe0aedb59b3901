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

    def compose(lines, config_dir=None):
        done.extend(lines)
        return original(lines, config_dir)

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


@pytest.mark.parametrize("what", ["VERSIONS", "CODE"])
def test_what_another_version_or_other_code_composed_is_composed_anew(calls, monkeypatch, what):
    """Words that the present code refuses are not served from what an older one let pass."""
    list(compose_all([WORDS]))
    monkeypatch.setattr(composed, what, getattr(composed, what)[:1])
    list(compose_all([WORDS]))
    assert calls == [WORDS, WORDS]


def test_a_user_s_own_groups_are_part_of_what_decides(calls, tmp_path):
    """Another folder, and another content of the same one."""
    for name in ("a", "b"):
        (tmp_path / name / "setting").mkdir(parents=True)
        (tmp_path / name / "setting" / "mine.yaml").write_text("lr: 0.5\nn_dis: 1\n")
    words = ("setting=C",)
    for folder in ("a", "b", "a"):
        list(compose_all([words], tmp_path / folder))
    assert calls == [words, words]
    (tmp_path / "a" / "setting" / "mine.yaml").write_text("lr: 0.25\nn_dis: 1\n")
    list(compose_all([words], tmp_path / "a"))
    assert calls == [words, words, words]


@pytest.mark.parametrize(
    "damage",
    ["", "[]", '{"a"', '{"sources": {}, "composed": {"+experiment=figure9 +scale=smoke": 3}}'],
)
def test_a_damaged_cache_is_made_anew(calls, tmp_path, damage):
    list(compose_all([WORDS]))
    (path,) = tmp_path.rglob("composed-*.json")
    path.write_text(damage)
    list(compose_all([WORDS]))
    assert calls == [WORDS, WORDS]


def test_errors_are_those_of_the_command(calls):
    with pytest.raises(ValueError, match="precision must be one of"):
        list(compose_all([("precision=float7",)]))
