import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from sngan.system import files
from sngan.system.files import (
    folder_written_whole,
    load_json,
    read_json,
    write_json,
    write_text,
    written_whole,
)
from sngan.system.safe_load import DamagedError

CONTENT = {"b": [1, 2.5, None], "a": {"text": "ä", "is": True}, "n": float("nan")}


def flipped(text):
    """Yield a text with every single bit flipped."""
    for place in range(len(text)):
        for bit in range(8):
            changed = bytearray(text)
            changed[place] ^= 1 << bit
            yield bytes(changed)


def test_json_comes_back_without_its_checksum(tmp_path):
    path = write_json(tmp_path / "deep" / "a.json", {"x": (1, 2), 3: "y", "ä": [1e300, -0.0]})
    assert load_json(path, dict) == {"x": [1, 2], "3": "y", "ä": [1e300, -0.0]}
    assert list(json.loads(path.read_text())) == ["x", "3", "ä", "checksum"]
    assert read_json(write_json(tmp_path / "b.json", [1, {"a": 2}]), list) == [1, {"a": 2}]
    assert write_json(tmp_path / "c.json", load_json(path, dict)).read_text() == path.read_text()


@pytest.mark.parametrize("indent", [None, 2])
def test_every_flipped_bit_of_json_is_found_or_changes_nothing(indent, tmp_path):
    path = write_json(tmp_path / "a.json", CONTENT, indent)
    found = 0
    for text in flipped(path.read_bytes()):
        path.write_bytes(text)
        loaded = read_json(path, dict)
        found += loaded is None
        # A key by another name than "checksum" is one more key, and changes no other.
        rest = {k: v for k, v in (loaded or CONTENT).items() if k in CONTENT}
        assert repr(rest) == repr(CONTENT)
        assert len(loaded or CONTENT) <= len(CONTENT) + 1
    assert found > 400


def test_another_order_or_form_is_no_damage(tmp_path):
    path = write_json(tmp_path / "a.json", CONTENT)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(content.items()))))
    assert read_json(path, dict)["b"] == CONTENT["b"]


def test_files_without_a_checksum_are_read_as_they_are(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    assert read_json(path, dict) == {"a": 1}


def test_a_value_changed_by_hand(tmp_path):
    path = write_json(tmp_path / "a.json", {"a": 1})
    text = path.read_text().replace("1", "2", 1)
    path.write_text(text)
    assert read_json(path, dict) is None
    with pytest.raises(DamagedError, match=r"a\.json is damaged: .*deletes that line"):
        load_json(path, dict)
    path.write_text('{"a": 2}')
    assert read_json(path, dict) == {"a": 2}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"\xff\xfe{}", b"[" * 100_000, b'{"a": ' * 100_000, b"null"]
)
def test_what_is_no_json_object_is_damaged(content, tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert read_json(path, dict) is None
    with pytest.raises(DamagedError, match=r"a\.json is damaged: "):
        load_json(path, dict)


def test_what_is_no_file_is_missing(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    for path in (tmp_path / "pipe.json", tmp_path, tmp_path / "nothing.json"):
        assert read_json(path, dict) is None
        with pytest.raises(FileNotFoundError, match=f"there is no file {path}"):
            load_json(path, dict)


def test_text_is_utf_8_whatever_the_locale_says(tmp_path):
    program = """
import sys
from pathlib import Path
from sngan.system.files import load_json, write_text
text = '{"a": "' + chr(228) + '"}'
path = write_text(Path(sys.argv[1]), text)
assert path.read_bytes() == text.encode()
assert load_json(path, dict) == {"a": chr(228)}
"""
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-c", program, tmp_path / "a"]
    subprocess.run(command, env=environment, check=True)


@contextmanager
def small_files():
    """Let no file grow beyond 1,000 bytes, also none of pytest's own."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_file_that_does_not_fit_is_named_and_the_old_one_stays(tmp_path):
    path = write_text(tmp_path / "a", "old")
    message = rf"^{path} could not be written: File too large$"
    with pytest.raises(files.WriteError, match=message), small_files():
        write_text(path, 2000 * "x")
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_the_file_that_failed_is_named_once(tmp_path):
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    message = f"^{inner} could not be written: File too large"
    with pytest.raises(files.WriteError, match=message), small_files(), written_whole(outer):
        write_text(inner, 2000 * "x")


def test_other_errors_stay_what_they_are(tmp_path):
    with pytest.raises(ConnectionResetError), written_whole(tmp_path / "a"):
        raise ConnectionResetError(104, "reset by peer")
    with pytest.raises(ValueError, match="mine"), written_whole(tmp_path / "a"):
        raise ValueError("mine")
    assert [*tmp_path.iterdir()] == []


def test_a_folder_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "deep" / "folder"
    for name in ("a", "b"):
        with folder_written_whole(path) as temporary:
            (temporary / name).touch()
        assert [found.name for found in path.iterdir()] == [name]
        assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_that_fails_leaves_what_was_there(tmp_path, is_there):
    path = tmp_path / "folder"
    if is_there:
        path.mkdir()
        (path / "before").touch()
    with pytest.raises(TypeError), folder_written_whole(path) as temporary:
        (temporary / "half").write_bytes("no bytes")
    assert [*tmp_path.rglob("*")] == [path, path / "before"] * is_there


def test_a_folder_whose_place_cannot_be_taken_comes_back(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "before").touch()
    with pytest.raises(FileNotFoundError), folder_written_whole(path) as temporary:
        temporary.rmdir()
    assert [*tmp_path.rglob("*")] == [path, path / "before"]
