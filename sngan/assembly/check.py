"""Checks of a whole configuration, made before anything is built or PyTorch is even imported."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sngan.assembly.settings import (
    ADDED,
    COMMAND,
    EVALUATION,
    PARTS,
    TRAINING,
    check_all,
    check_components,
    check_optimizer,
    members,
    select,
)
from sngan.assembly.words import Word
from sngan.system.printable import shown
from sngan.system.require import SettingError

LISTS = ("regularizer", "monitor", "logger", "metric")
"""Groups of which several members can be chosen."""


def check_training(config: DictConfig, groups: Collection[str], words: Iterable[Word]) -> None:
    """Raise unless the settings of a training make sense by themselves.

    Args:
        config: The composed configuration.
        groups: Those of which members are chosen.
        words: Of the user's.

    Raises:
        ValueError: Naming the setting, its value and what is accepted.
    """
    for key in OmegaConf.missing_keys(config):
        raise ValueError(f"{key} must be given: {key}=...")
    settings = {str(key): _resolved(config, str(key)) for key in config if key != "run_dir"}
    require_packages(settings.get("trust", ()))  # A single run has none, nor the next ones.
    check_all(settings, {key: kind for key, kind in COMMAND.items() if key in settings})
    check_settings(
        settings, [word.key for word in words if word.is_added and word.key not in groups]
    )


def require_complete(settings: Mapping[str, Any]) -> None:
    """Raise unless all settings of a training are there that none of its components reads.

    Raises:
        SettingError: If one is missing.
    """
    for key in TRAINING:
        select(settings, key)


def check_settings(settings: Mapping[str, Any], added: Iterable[str]) -> None:
    """Raise unless the settings of a training make sense by themselves.

    Args:
        settings: All of them.
        added: Keys the user added to them with a plus, groups left out.

    Raises:
        ValueError: Naming the setting, its value and what is accepted.
    """
    for key in added:
        _check_added(key, settings)
    check_all(settings, TRAINING)
    check_all(settings, {key: ADDED[key] for key in ADDED if key.partition(".")[0] in settings})
    check_components(settings, PARTS)
    optional = ("augmentation", "average")
    check_components(settings, [place for place in optional if settings.get(place) is not None])
    for group in ("regularizer", "monitor", "logger"):
        members(settings, group)
    check_optimizer(settings["optimizer"])
    if settings["single_sigma"] and not settings["joint_pass"]:
        raise ValueError("single_sigma=true needs joint_pass=true, got joint_pass=false")


def check_evaluation(settings: Mapping[str, Any], words: Iterable[Word]) -> None:
    """Raise unless the settings of an evaluation make sense by themselves.

    Args:
        settings: The composed configuration.
        words: Of the user's.

    Raises:
        ValueError: Naming the setting, its value and what is accepted.
    """
    for word in words:
        if word.is_added:
            _check_added(word.key, settings)
    require_packages(settings["trust"])
    check_all(settings, EVALUATION)
    check_components(settings, ["extractor"])
    members(settings, "metric")
    if not members(settings, "protocol"):
        raise SettingError("protocol", "must name at least one, got []")


def check_choices(words: Iterable[Word], groups: Collection[str]) -> None:
    """Raise unless words that choose members of a group name them.

    Args:
        words: Of the user's.
        groups: Names of groups.

    Raises:
        SettingError: Naming the first that does not: a number is no name.
    """
    for word in words:
        if word.key in groups and not word.is_deleted and not word.is_sweep:
            names = word.value if isinstance(word.value, list) else [word.value]
            if not all(isinstance(name, str) and name for name in names):
                said = f"must be the name of a member or a list of names, got {shown(word.value)}"
                raise SettingError(word.key, said)


def require_packages(trust: object) -> tuple[str, ...]:
    """Return the packages that a user trusts.

    Args:
        trust: The value of the setting.

    Raises:
        ValueError: If it is not a list of names.
    """
    names = list(trust) if isinstance(trust, Sequence) and not isinstance(trust, str) else None
    if names is None or not all(isinstance(name, str) and name.isidentifier() for name in names):
        raise ValueError(f"trust must be a list of packages, as 'trust=[mine]', got {trust}")
    return tuple(names)


def packages_of(words: Iterable[Word]) -> tuple[str, ...]:
    """Return the packages that a user trusts, for a command that has no other setting.

    Raises:
        ValueError: If a word is about anything else, or its value is not accepted.
    """
    found: list[str] = []
    for word in words:
        if word.key != "trust":
            raise ValueError(
                f"{word} is not for this command; its one setting is 'trust=[PACKAGE]'"
            )
        found += require_packages(word.value)
    return tuple(found)


def _check_added(key: str, settings: Mapping[str, Any]) -> None:
    """Refuse a key that nothing reads; below a ``_target_`` its signature decides, later."""
    parent, _, name = key.rpartition(".")
    group, _, member = parent.partition(".")
    if member and group in LISTS and "_target_" not in select(settings, parent):
        raise ValueError(f"{key} is set, but {group}={member} is not among those chosen")
    node = select(settings, parent) if parent else settings
    if isinstance(node, Mapping) and "_target_" in node:
        return
    siblings = [k for k in node if k != name] if isinstance(node, Mapping) else []
    near = get_close_matches(name, [str(k) for k in siblings], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"there is no setting {key}{hint} (--help lists them)")


def _resolved(config: DictConfig, key: str) -> object:
    try:
        value = config[key]
        return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    except OmegaConfBaseException as error:
        said = str(error).partition("\n")[0]
        raise ValueError(f"{error.full_key or key} cannot be resolved: {said}") from error
