"""Consent that outlasts a command: a run folder notes what its owner built it with.

A folder may be a stranger's, who may have put anything into it. So the note carries a mark that
only the owner can make, with a key of the user's own. It names components with their arguments,
not packages: a folder that was lent and comes back changed can build nothing else with it.
"""

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from filelock import FileLock
from platformdirs import user_config_path

from sngan.assembly.trust import fingerprints, foreign_packages
from sngan.run_folder.choice import run_of
from sngan.run_folder.folder import RunFolder
from sngan.system.files import read_json, write_json, written_whole

KEY_BYTES = 32


def keep_consent(run: RunFolder, settings: Mapping[str, object]) -> None:
    """Note in a run folder the foreign components that a training is built of.

    Args:
        run: Of the training; what its owner consented to before stays.
        settings: Of the training, which the user has consented to.

    Raises:
        OSError: If the note or the key cannot be written, or the key is none.
    """
    components = sorted({*_noted(run), *fingerprints(settings)})
    note = {"packages": foreign_packages(settings), "components": components}
    write_json(run.trust, {**note, "mark": _mark(_make_key(), components)})


def kept_consent(checkpoint: Path) -> tuple[str, ...]:
    """Return the consent that goes with the folder of the run that a checkpoint lies in."""
    run = run_of(checkpoint)
    return () if run is None else _noted(run)


def _noted(run: RunFolder) -> tuple[str, ...]:
    """Return what the user has noted in a run folder; nothing if somebody else did."""
    found = read_json(run.trust, dict) or {}
    components, mark = found.get("components"), found.get("mark")
    if not isinstance(components, list) or not isinstance(mark, str) or not mark.isascii():
        return ()
    try:
        expected = _mark(_read_key(), components)
    except OSError:
        return ()
    return tuple(components) if hmac.compare_digest(expected, mark) else ()


def _mark(key: bytes, components: list[str]) -> str:
    content = json.dumps(["sngan run folder", components])
    return hmac.new(key, content.encode(), sha256).hexdigest()


def _make_key() -> bytes:
    """Return the user's key; the first time, draw it."""
    path = _key_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            with written_whole(path) as new, open(new, "xb", opener=_for_the_user_alone) as file:
                file.write(secrets.token_bytes(KEY_BYTES))
    return _read_key()


def _for_the_user_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read_key() -> bytes:
    """Read the user's key.

    Raises:
        OSError: If there is none, or it is not whole: anybody could guess what it is instead.
    """
    key = _key_path().read_bytes()
    if len(key) != KEY_BYTES:
        raise OSError(f"{_key_path()} must hold {KEY_BYTES} bytes, got {len(key)}")
    return key


def _key_path() -> Path:
    return user_config_path("sngan") / "trust.key"
