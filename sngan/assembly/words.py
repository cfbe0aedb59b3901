"""Words of a command line, ``KEY=VALUE``, read and written as Hydra's own parser does it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

RESERVED = ("null", "true", "false", "nan", "inf")
"""What is a text in quotes alone."""


@dataclass(frozen=True)
class Word:
    """One word: a setting, or the choice of a group's member.

    Attributes:
        text: As it was typed.
        parsed: What Hydra makes of it.
    """

    text: str
    parsed: Override

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> str:
        """What it is about, without plus and package: ``setting.lr``, ``dataset``."""
        return self.parsed.key_or_group

    @property
    def root(self) -> str:
        """The group, or the first part of the key: ``hydra`` of ``hydra/launcher``."""
        return self.key.replace("/", ".").partition(".")[0]

    @property
    def package(self) -> str:
        """Where a member is put instead of its group's own place; empty for there."""
        return self.parsed.package or ""

    @property
    def is_added(self) -> bool:
        """Whether it begins with a plus."""
        return self.parsed.is_add() or self.parsed.is_force_add()

    @property
    def is_deleted(self) -> bool:
        """Whether it begins with a tilde."""
        return self.parsed.is_delete()

    @property
    def is_sweep(self) -> bool:
        """Whether it stands for several."""
        return bool(self.parsed.is_sweep_override())

    @property
    def value(self) -> Any:  # noqa: ANN401 - a setting may be anything.
        """The value, parsed."""
        return self.parsed.value()

    def sets(self, place: str) -> bool:
        """Tell whether it is about a node of the configuration, or about anything below it."""
        return self.key == place or self.key.startswith(f"{place}.")

    def choices(self) -> list[str]:
        """Return the words of a sweep, one for each value; of any other word, itself."""
        if not self.is_sweep:
            return [self.text]
        values = self.parsed.sweep_string_iterator()
        plus = "+" if self.is_added else ""
        return [f"{plus}{self.parsed.get_key_element()}={value}" for value in values]

    @property
    def first(self) -> str:
        """The first word of a sweep; of one that only a look at files can tell, none."""
        try:
            return next(iter(self.choices()), "")
        except (HydraException, NotImplementedError):
            return ""


def parse(words: Iterable[str]) -> list[Word]:
    """Read words.

    Raises:
        ValueError: Naming the first that is none.
    """
    return [_parse(word) for word in words]


def adds(text: str, group: str) -> bool:
    """Tell whether a text of a command line, which may be an option, is ``+group=member``."""
    word = word_in(text)
    return word is not None and word.is_added and word.key == group


def gives(text: str, key: str) -> bool:
    """Tell whether a text of a command line, which may be none of its words, gives a setting."""
    word = word_in(text)
    return word is not None and word.key == key


def word_of(key: str, value: object) -> str:
    """Return the word that gives a setting just this text, whatever is in it."""
    return f"{key}={quoted(str(value))}"


def quoted(text: str) -> str:
    """Return a text as Hydra's parser takes it back, in quotes where it needs them."""
    is_plain = re.fullmatch(r"(\.{0,2}/|[A-Za-z_])[\w./+-]*", text, re.ASCII)
    if is_plain and text.lower() not in RESERVED:
        return text
    # A backslash is one, but for those before a quote.
    escaped = re.sub(r"(\\*)('|\Z)", lambda found: 2 * found[1] + (found[2] and "\\'"), text)
    return "'" + escaped.replace("${", "\\${") + "'"


def change(config: DictConfig, words: Sequence[str]) -> None:
    """Change settings in place.

    Args:
        config: What to change; keys may be new, with or without a plus.
        words: ``KEY=VALUE``.

    Raises:
        ValueError: If a word cannot be read or does not fit.
    """
    for word in parse(words):
        try:
            OmegaConf.update(config, word.key, word.value, force_add=True)
        except OmegaConfBaseException as error:
            raise ValueError(f"cannot use {word}: {error}") from error


def word_in(text: str) -> Word | None:
    """Return the word that a text of a command line is; None if it is none."""
    try:
        return _parse(text)
    except ValueError:
        return None


def _parse(text: str) -> Word:
    try:
        return Word(text, OverridesParser.create().parse_override(text))
    except HydraException as error:
        raise ValueError(f"cannot read {text}: {str(error).splitlines()[0]}") from error
