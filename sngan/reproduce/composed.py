"""Composed configurations, kept: composing the whole plan takes half a minute."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from sngan.assembly.compose import CONFIG_DIR, compose_trainings
from sngan.system.files import read_json, write_json

Composed = tuple[dict[str, Any], dict[str, str]]
"""Settings of a training, and the members chosen by group."""


def compose_all(several: Iterable[Sequence[str]]) -> Iterator[Composed]:
    """Compose trainings, as `compose_trainings` does, unless that was done before.

    Args:
        several: Overrides of the command line of each.

    Yields:
        Settings and choices; fresh ones, to be changed at will.

    Raises:
        ValueError: If a setting is not accepted.
    """
    lines = [tuple(words) for words in several]
    path = user_cache_path("sngan") / f"composed-{_digest()}.json"
    kept = _read(path)
    new = [words for words in dict.fromkeys(lines) if _key(words) not in kept]
    if new:
        composed = zip(new, compose_trainings(new), strict=True)
        kept |= {_key(words): content for words, content in composed}
        with suppress(OSError):  # A cache that cannot be written is done without.
            write_json(path, kept, indent=None)
    for words in lines:
        config, choices = deepcopy(kept[_key(words)])
        yield config, choices


def _digest() -> str:
    """Return a digest of all that decides what words compose to."""
    digest = sha256(version("hydra-core").encode())
    for path in sorted(CONFIG_DIR.rglob("*.yaml")):
        digest.update(path.relative_to(CONFIG_DIR).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _key(words: Sequence[str]) -> str:
    return " ".join(words)


def _read(path: Path) -> dict[str, Composed]:
    found = read_json(path, dict) or {}
    return {key: tuple(entry) for key, entry in found.items() if isinstance(entry, list)}
