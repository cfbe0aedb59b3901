"""What is wrong with words that no configuration can be composed of, and what may be meant.

The configuration library knows what it has not found, but neither what is near to it nor, in a
message of several lines, which word it was.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches

import hydra
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sngan.assembly.words import Word, parse
from sngan.system.install import how_to_install

PLUS = ("experiment", "scale")
"""Groups of which nothing is chosen by default."""
EXTRAS = {"joblib": "joblib", "submitit": "slurm", "ray": "ray"}
"""What brings a launcher, by the beginning of its name."""
SEARCHED = "hydra.searchpath"
ERRORS = (HydraException, OmegaConfBaseException)
FEW = 12
"""Members that are all named, besides those that are near."""


def explained(name: str, words: Sequence[str], error: Exception) -> ValueError:
    """Return what a user is told of words that could not be composed; one line.

    Args:
        name: Of the primary file.
        words: Of the command line.
        error: What the configuration library has raised.
    """
    loader = GlobalHydra.instance().config_loader()
    parsed = parse(words)
    own = [word.text for word in parsed if word.key == SEARCHED]
    try:
        check_members(parsed, own)
    except ValueError as told:
        return told
    chosen = [word for word in parsed if _members_of(loader, word, own)]
    known = _composed(name, [word.text for word in chosen if not word.is_sweep])
    others = [word for word in parsed if word not in chosen]
    if known is not None:
        for word in others:
            if said := _unknown(loader, word, known):
                return ValueError(said)
    for word in others if known is not None else chosen:
        if _composed(name, [word.text]) is None:
            return ValueError(f"cannot use {word}: {_reason(error)}")
    return ValueError(_reason(error))


def check_members(words: Iterable[Word], own: Sequence[str] = ()) -> None:
    """Raise unless there is what words choose of groups, also in the later runs of a sweep.

    Args:
        words: Of the command line.
        own: The word that names folders of the user's own, if there is one.

    Raises:
        ValueError: Naming the first that is not there, and what may be meant.
    """
    loader = GlobalHydra.instance().config_loader()
    for word in words:
        if said := _wrong_choice(word, _members_of(loader, word, own)):
            raise ValueError(said)


def _members_of(loader: ConfigLoader, word: Word, own: Sequence[str]) -> list[str]:
    """Return all members of the group that a word chooses of; none if it is no group."""
    return loader.get_group_options(word.key, overrides=[*own])


def near(name: str, known: Iterable[str]) -> str:
    """Return a question after what may be meant; empty if nothing is near."""
    found = get_close_matches(name, [*known], n=1)
    return f"; did you mean {found[0]}?" if found else ""


def _wrong_choice(word: Word, members: Sequence[str]) -> str:
    """Return what is wrong with the choice of one of some members; empty if nothing is."""
    if not members or word.is_deleted:
        return ""
    for member in _members(word):
        if member not in members:
            return f"there is no {word.key}={member}{_instead(word.key, member, members)}"
    if word.key in PLUS and not word.is_added:
        return f"{word} needs a plus: +{word}"
    return ""


def _instead(group: str, member: str, members: Sequence[str]) -> str:
    extra = next((EXTRAS[start] for start in EXTRAS if member.startswith(start)), None)
    if group == "hydra/launcher" and extra is not None:
        return f" without another package: {how_to_install(extra)}"
    asked = near(member, members)
    if asked and len(members) > FEW:
        return f"{asked} (--help lists them)"
    return f"{asked or ';'} accepted: {', '.join(members)}"


def _members(word: Word) -> Iterator[str]:
    """Yield the names that a word chooses, also those of a sweep."""
    if word.is_sweep:
        try:
            words = parse(word.choices())
        except HydraException:  # All that match a pattern.
            return
        for single in words:
            yield from _members(single)
    else:
        names = word.value if isinstance(word.value, list) else [word.value]
        yield from (name for name in names if isinstance(name, str))


def _unknown(loader: ConfigLoader, word: Word, known: DictConfig) -> str:
    """Return that a word's key is not known; empty if it is, or is new on purpose."""
    keys = [*keys_of(known)]
    if word.is_added or word.key in keys:
        return ""
    parent, _, name = word.key.rpartition(".")
    siblings = [key.rpartition(".")[2] for key in keys if key.rpartition(".")[0] == parent]
    found = get_close_matches(name, siblings, n=1) if parent in keys else []
    candidates = [f"{parent}.{key}" for key in found] or keys
    asked = near(word.key, [*candidates, *loader.list_groups("")])
    return f"there is no setting {word.key}{asked} (--help lists them)"


def keys_of(config: DictConfig, place: str = "") -> Iterator[str]:
    """Yield the whole names of all settings, also of those that hold others."""
    for name, value in config.items_ex(resolve=False):
        key = str(name)
        yield f"{place}{key}"
        if isinstance(value, DictConfig) and not value._is_none() and not value._is_missing():
            yield from keys_of(value, f"{place}{key}.")


def _composed(name: str, words: Collection[str]) -> DictConfig | None:
    """Return what is composed of words and of the launchers' own settings; None if nothing is."""
    try:
        config = hydra.compose(name, [*words], return_hydra_config=True)
    except ERRORS:
        return None
    OmegaConf.set_struct(config, False)
    return config


def _reason(error: Exception) -> str:
    """Return the line of an error that says why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    cause = str(error.__cause__ or "").partition("\n")[0]
    return cause or next((line for line in lines if "append to" not in line), "it does not fit")
