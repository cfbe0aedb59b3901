"""Settings that are paths: taken as they are typed, and kept so that they hold from any folder.

A word's value is in a language of the configuration library's own. It refuses most letters that
are not of ASCII, takes ``2024`` for a number and ``a,b`` for two values. A path is none of these.
"""

import logging
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sngan.assembly.words import Word, parse, quoted
from sngan.system.printable import printable
from sngan.system.require import SettingError

logger = logging.getLogger(__name__)

OF_DATA = {"cache", "dataset.root", "dataset.test_root", "dataset.cache"}
OF_COMMANDS = {"run_dir", "resume", "reference", "cache", "monitor.scores.cache"}
OF_COMPONENTS = {
    "dataset.root", "dataset.test_root", "dataset.cache", "extractor.weights",
    "monitor.scores.extractor.weights",
}  # fmt: skip
"""In those of another package these may also be a list, or true."""
WORD = re.compile(r"(\+{0,2}([\w./@:-]+)=)(.+)", re.DOTALL)
ELSEWHERE = re.compile(r"random:\d+|\w+://.*")
"""What stands for a path and is none: a seed of weights, an address."""


def as_typed(words: Iterable[str], *, is_sweep: bool = False) -> list[str]:
    """Put paths, and other texts that could not be read, in quotes that the shell has not kept.

    Args:
        words: ``KEY=VALUE``; anything else stays as it is.
        is_sweep: Whether commas part the values of several runs.

    Raises:
        ValueError: If a word is no text.
    """
    return [_as_typed(word, is_sweep) for word in words]


def path_of(setting: str, value: object) -> Path:
    """Return the path that a setting names.

    Raises:
        SettingError: If it names none.
    """
    if not isinstance(value, str) or not value:
        raise SettingError(setting, f"must be a path, got {value!r}")
    return Path(value).expanduser()


def absolute(settings: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Return settings with paths that hold from any folder.

    Args:
        settings: Plain and resolved.
        within: Where they stand in the configuration.
    """
    changed: dict[str, Any] = {}
    for key, value in settings.items():
        place = f"{within}{key}"
        if isinstance(value, Mapping):
            value = absolute(value, f"{place}.")
        elif place in OF_COMMANDS | OF_COMPONENTS and isinstance(value, str) and value:
            value = absolute_path(value)
        changed[key] = value
    return changed


def located(settings: Mapping[str, Any], checkpoint: Path) -> dict[str, Any]:
    """Return what `absolute` does for the settings in a checkpoint; older ones have relative paths.

    Args:
        settings: See `absolute`.
        checkpoint: To be named where a path leads nowhere.
    """
    found = absolute(settings)
    for place in ("root", "test_root"):
        before, now = settings["dataset"].get(place), found["dataset"].get(place)
        if before != now and not Path(now).exists():
            logger.warning(
                "%s: dataset.%s=%s is relative to the folder it was trained from, and there is no "
                "%s; dataset.%s=DIR says where it is", checkpoint, place, before, now, place,
            )  # fmt: skip
    return found


def absolute_path(text: str) -> str:
    """Return a path that holds from any folder; what is none as it is."""
    if ELSEWHERE.fullmatch(text):
        return text
    path = Path(text).expanduser()
    # Links stay: they may lead elsewhere later.
    return os.fspath(path.resolve() if ".." in path.parts else path.absolute())


def with_absolute_path(text: str) -> str:
    """Return a word, if it says where data or statistics lie, with a path from any folder."""
    word = _read(text)
    if word is None or word.key not in OF_DATA or "${" in text or not isinstance(word.value, str):
        return text
    return f"{text.partition('=')[0]}={quoted(absolute_path(word.value))}"


def _as_typed(text: str, is_sweep: bool) -> str:
    found = WORD.fullmatch(text)
    if found is None:
        return text
    before, key, value = found.groups()
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{key} must be text in UTF-8, got {printable(value)}: use a link with another name"
        ) from None
    return before + _value(key, value, _read(text), is_sweep)


def _value(key: str, value: str, word: Word | None, is_sweep: bool) -> str:
    """Return the value of a word, in quotes if it would be something else without."""
    is_path = key in OF_COMMANDS | OF_COMPONENTS
    if value == "null" or "${" in value:
        return value
    if word is None:
        if value[0] in "[{'\"" and not is_path:
            return value
    elif not is_path or value[0] in "'\"":
        return value
    elif is_sweep and word.parsed.is_sweep_override() and re.search("[('\"]", value):
        return value  # choice(a,b), or quotes around each.
    elif key in OF_COMPONENTS and _is_structured(word) and not Path(value).exists():
        return value
    return ",".join(map(quoted, value.split(",") if is_sweep else [value]))


def _is_structured(word: Word) -> bool:
    """Tell whether a value is true or false, or holds several: no path, as it is read."""
    is_sweep = word.parsed.is_sweep_override()
    return not is_sweep and isinstance(word.value, bool | list | dict)


def _read(text: str) -> Word | None:
    try:
        (word,) = parse([text])
    except ValueError:
        return None
    return word
