"""Who is believed: a run folder's owner, and nobody who has only the folder."""

import json
import stat

import pytest

from sngan.assembly.consent import keep_consent, kept_consent
from sngan.assembly.trust import fingerprints
from sngan.run_folder.folder import RunFolder

SETTINGS = {"loss": {"_target_": "pathlib.PurePath", "x": 1}, "seed": 0}
CHANGED = {"loss": {"_target_": "pathlib.PurePath", "x": 2}}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Give the user a configuration folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "sngan"


@pytest.fixture
def run(tmp_path):
    """Return a run with a note."""
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    folder.config.touch()
    keep_consent(folder, SETTINGS)
    return folder


def kept(run):
    return kept_consent(run.checkpoint(1))


def test_what_was_built_is_remembered_wherever_the_folder_moves(run, tmp_path):
    assert kept(run) == fingerprints(SETTINGS)
    assert json.loads(run.trust.read_text())["packages"] == ["pathlib"]
    run.path.rename(tmp_path / "moved")
    assert kept(RunFolder(tmp_path / "moved")) == fingerprints(SETTINGS)


def test_what_was_noted_before_stays(run):
    keep_consent(run, CHANGED)
    assert set(kept(run)) == {*fingerprints(SETTINGS), *fingerprints(CHANGED)}


def test_it_is_for_checkpoints_of_that_run(run, tmp_path):
    assert kept_consent(run.path / "step_0000001.pt") == ()
    assert kept_consent(tmp_path / "alone.pt") == ()


def test_the_key_is_the_user_s_alone(run, home):
    key = home / "trust.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32
    before = key.read_bytes()
    keep_consent(run, CHANGED)
    assert key.read_bytes() == before


def test_a_note_made_with_another_key_is_not_believed(run, home, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    assert kept(run) == ()  # There is no key at all.
    other = RunFolder(tmp_path / "other")
    keep_consent(other, CHANGED)
    assert (tmp_path / "another" / "sngan" / "trust.key").exists()
    assert kept(run) == ()
    keep_consent(run, CHANGED)  # Nor is it taken over.
    assert kept(run) == fingerprints(CHANGED)


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note["components"].extend(fingerprints(CHANGED)),
        lambda note: note.update(components=[*fingerprints(CHANGED)]),
        lambda note: note.update(mark="0" * 64),
        lambda note: note.update(mark="\u00e4"),
        lambda note: note.update(mark=None),
        lambda note: note.update(components={"sha256": 1}),
        lambda note: note.clear(),
    ],
)
def test_a_changed_note_is_not_believed(run, change):
    note = json.loads(run.trust.read_text())
    change(note)
    run.trust.write_text(json.dumps(note))
    assert kept(run) == ()


@pytest.mark.parametrize("text", ["", "[]", "{", "nonsense"])
def test_a_damaged_note_is_none(run, text):
    run.trust.write_text(text)
    assert kept(run) == ()


@pytest.mark.parametrize("key", [b"", b"x" * 31])
def test_a_key_that_can_be_guessed_is_no_key(run, home, key):
    (home / "trust.key").write_bytes(key)
    assert kept(run) == ()
    with pytest.raises(OSError, match=r"trust\.key must hold 32 bytes"):
        keep_consent(run, SETTINGS)


def test_a_key_that_cannot_be_made_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError, match="file"):
        keep_consent(RunFolder(tmp_path / "run"), SETTINGS)
    assert not (tmp_path / "run" / "trust.json").exists()
