"""What a shell passes as a path is that path, whatever is in it."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sngan.assembly.paths import (
    absolute,
    absolute_path,
    as_typed,
    located,
    path_of,
    with_absolute_path,
)
from sngan.assembly.words import parse, quoted

NAMES = (
    "bilder_äöü", "写真", "a=b", "pics (1)", "it's", "2024", "x(1)", "a,b", "a\\b", "b\\", "-1",
    ".5", "1e5", "nan", "a#b", "a: b", "~user", 'q"q', "[x", "{y", "%", "a\nb", " a ",
    "ends'", "\\'",
)  # fmt: skip
NO_INTERPOLATION = st.text(min_size=1).filter(lambda text: "${" not in text)


def value_of(word):
    (parsed,) = parse([word])
    return parsed.value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["dataset.root", "+dataset.cache", "run_dir", "extractor.weights"])
def test_a_path_is_what_was_typed(name, key):
    (word,) = as_typed([f"{key}={name}"])
    assert value_of(word) == name


@given(NO_INTERPOLATION)
def test_quotes_keep_any_text(text):
    assert value_of(f"x={quoted(text)}") == text


def test_what_was_quoted_for_the_library_or_is_no_path_stays():
    words = [
        "dataset.root='a b'", 'run_dir="x(1)"', "resume=null", "dataset.root=${oc.env:HOME}/a",
        "setting=A", "seed=1", "metric=[kid,prdc]", "dataset.cache=true", "dataset.root=[a,b]",
        "~optimizer.fused", "--cfg", "nonsense", "dataset.parts=[a",
    ]  # fmt: skip
    assert as_typed(words) == words


def test_any_other_text_that_cannot_be_read_is_that_text():
    assert as_typed(["dataset.filter=größe"]) == ["dataset.filter='größe'"]


def test_a_folder_in_brackets_that_is_there_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("[a,b]").mkdir()
    assert as_typed(["dataset.root=[a,b]", "run_dir=[c]"]) == [
        "dataset.root='[a,b]'",
        "run_dir='[c]'",
    ]


def test_in_a_sweep_commas_part_values():
    words = ["dataset.root=a,2024,größe", "dataset.root='x','y z'", "dataset.root=choice(a,b)"]
    assert as_typed(words, is_sweep=True) == ["dataset.root=a,'2024','größe'", *words[1:]]


def test_bytes_that_are_no_text_are_said(tmp_path):
    with pytest.raises(ValueError, match=r"dataset.root must be text in UTF-8, got caf\\xe9: use"):
        as_typed(["dataset.root=caf\udce9"])


@pytest.mark.parametrize("value", [None, "", 7, True, ["a"], {"a": 1}])
def test_no_path(value):
    with pytest.raises(ValueError, match="resume must be a path, got "):
        path_of("resume", value)


def test_paths_hold_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scores = {"cache": None, "extractor": {"weights": "random:0"}}
    settings = {"seed": 1, "dataset": {"root": "a", "cache": "~/b"}, "monitor": {"scores": scores}}
    found = absolute(settings)
    assert found["dataset"] == {"root": str(tmp_path / "a"), "cache": str(Path.home() / "b")}
    assert found["monitor"] == settings["monitor"]
    assert absolute(found) == found
    assert absolute_path("x/../a") == str(tmp_path / "a")
    (tmp_path / "link").symlink_to("a")
    assert absolute_path("link") == str(tmp_path / "link")
    assert absolute({"dataset": {"root": "s3://a"}}) == {"dataset": {"root": "s3://a"}}
    assert with_absolute_path("dataset.root='it\\'s'") == f"dataset.root='{tmp_path}/it\\'s'"
    assert with_absolute_path("extractor=inception") == "extractor=inception"


def test_where_a_relative_path_of_an_older_checkpoint_leads_nowhere(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.WARNING)
    (tmp_path / "there").mkdir()
    assert located({"dataset": {"root": "there"}}, Path("x.pt"))["dataset"] == {
        "root": str(tmp_path / "there")
    }
    assert not caplog.messages
    located({"dataset": {"root": "pics"}}, Path("x.pt"))
    (said,) = caplog.messages
    assert "x.pt: dataset.root=pics is relative to the folder it was trained from" in said
    assert f"no {tmp_path}/pics; dataset.root=DIR" in said
