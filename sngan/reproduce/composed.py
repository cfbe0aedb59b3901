"""Composed configurations, kept: composing the whole plan takes half a minute."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from sngan.assembly.compose import compose_trainings, config_folders, plugin_files
from sngan.system.files import read_json, write_json

Composed = tuple[dict[str, Any], dict[str, str]]
"""Settings of a training, and the members chosen by group."""
PACKAGE = Path(__file__).parents[1]
CODE = (PACKAGE / "assembly", PACKAGE / "system")
"""What composes words, and refuses them."""
VERSIONS = ("sngan", "hydra-core", "omegaconf")


def compose_all(
    several: Iterable[Sequence[str]], config_dir: Path | None = None
) -> Iterator[Composed]:
    """Compose trainings, as `compose_trainings` does, unless that was done before.

    Args:
        several: Words of the command line of each.
        config_dir: A folder with config groups of the user's own.

    Yields:
        Settings and choices; fresh ones, to be changed at will.

    Raises:
        ValueError: If a setting is not accepted.
    """
    lines = [tuple(words) for words in several]
    path = user_cache_path("sngan") / f"composed-{_digest(config_dir)}.json"
    kept = _read(path)
    new = [words for words in dict.fromkeys(lines) if _key(words) not in kept]
    if new:
        composed = zip(new, compose_trainings(new, config_dir), strict=True)
        kept |= {_key(words): content for words, content in composed}
        sources = {str(folder): _digest_of([folder]) for folder in config_folders(config_dir)}
        with suppress(OSError):  # A cache that cannot be written is done without.
            write_json(path, {"sources": sources, "composed": kept}, indent=None)
    for words in lines:
        config, choices = deepcopy(kept[_key(words)])
        yield config, choices


def _digest(config_dir: Path | None) -> str:
    """Return a digest of what decides how words are composed, and from which folders."""
    versions = [f"{name} {version(name)}" for name in VERSIONS]
    place = "" if config_dir is None else str(config_dir.resolve())
    parts = [*versions, place, *map(str, plugin_files()), _digest_of(CODE, "*.py")]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _digest_of(folders: Iterable[Path], pattern: str = "*.yaml") -> str:
    """Return a digest of the names and the content of files."""
    digest = sha256()
    for folder in folders:
        for path in sorted(folder.rglob(pattern)):
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _key(words: Sequence[str]) -> str:
    return " ".join(words)


def _read(path: Path) -> dict[str, Composed]:
    """Return what is kept, unless a file that it was composed from has changed."""
    found = read_json(path, dict) or {}
    sources, composed = found.get("sources"), found.get("composed")
    if not isinstance(sources, dict) or not isinstance(composed, dict):
        return {}
    if any(_digest_of([Path(folder)]) != digest for folder, digest in sources.items()):
        return {}
    return {key: tuple(entry) for key, entry in composed.items() if isinstance(entry, list)}
