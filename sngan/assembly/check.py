"""Checks of a whole configuration, made before anything is built or PyTorch is even imported."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from omegaconf import DictConfig, OmegaConf

from sngan.assembly.words import Word
from sngan.extractor.parts.presets import PRESETS
from sngan.run_folder.choice import IF_DAMAGED
from sngan.system.require import (
    SettingError,
    require_bool,
    require_one_of,
    require_positive,
    require_seed,
)

COUNTS = (
    "total_steps",
    "log_every",
    "sample_every",
    "checkpoint_every",
    "setting.n_dis",
    "setting.batch_size",
    "setting.generator_batch_size",
)
LISTS = ("regularizer", "monitor", "metric")
"""Groups of which several members can be chosen."""
PRECISIONS = ("float32", "tf32", "bfloat16")
SWITCHES = (
    "channels_last",
    "merged_resampling",
    "joint_pass",
    "cuda_graph",
    "single_sigma",
    "one_generator_pass",
    "compile",
)

OTHERS = ("seed", "device", "precision", "keep_checkpoints", "setting.lr_decay_start")


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
    require_packages(config.get("trust", ()))  # A single run has none, nor the next one.
    require_one_of("if_damaged", config.get("if_damaged", "refuse"), IF_DAMAGED)
    check_settings(config, [word.key for word in words if word.is_added and word.key not in groups])


def require_complete(settings: Mapping[str, Any]) -> None:
    """Raise unless all settings of a training are there that none of its components reads.

    Raises:
        SettingError: If one is missing.
    """
    for key in (*COUNTS, *SWITCHES, *OTHERS):
        _select(settings, key)


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
    require_positive(**{key: _select(settings, key) for key in COUNTS})
    require_positive(pack=settings.get("pack", 1))  # Not in the settings of a single run.
    if settings["keep_checkpoints"] is not None:
        require_positive(keep_checkpoints=settings["keep_checkpoints"])
    require_one_of("precision", settings["precision"], PRECISIONS)
    require_bool(**{switch: settings[switch] for switch in SWITCHES})
    if settings["single_sigma"] and not settings["joint_pass"]:
        raise ValueError("single_sigma=true needs joint_pass=true, got joint_pass=false")
    require_seed(settings["seed"])


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
    require_seed(settings["seed"])
    require_packages(settings["trust"])
    require_one_of("if_damaged", settings["if_damaged"], IF_DAMAGED)
    for name in ("cache", "reference"):
        if not isinstance(settings[name], str | None):
            raise ValueError(f"{name} must be a path, got {settings[name]}")
    if settings["batch_size"] is not None:
        require_positive(batch_size=settings["batch_size"])
    require_bool(allow_mismatch=settings["allow_mismatch"])
    if settings["reference_preset"] is not None:
        require_one_of("reference_preset", settings["reference_preset"], PRESETS)


def require_packages(trust: object) -> tuple[str, ...]:
    """Return the packages that a user trusts.

    Args:
        trust: The value of the setting.

    Raises:
        ValueError: If it is not a list of names.
    """
    names = list(trust) if isinstance(trust, Sequence) and not isinstance(trust, str) else None
    if names is None or not all(isinstance(name, str) and name.isidentifier() for name in names):
        raise ValueError(f"trust must be a list of packages, as trust=[mine], got {trust}")
    return tuple(names)


def packages_of(words: Iterable[Word]) -> tuple[str, ...]:
    """Return the packages that a user trusts, for a command that has no other setting.

    Raises:
        ValueError: If a word is about anything else, or its value is not accepted.
    """
    found: list[str] = []
    for word in words:
        if word.key != "trust":
            raise ValueError(f"{word} is not for this command; its one setting is trust=[PACKAGE]")
        found += require_packages(word.value)
    return tuple(found)


def _check_added(key: str, settings: Mapping[str, Any]) -> None:
    """Refuse a key that nothing reads; below a ``_target_`` its signature decides, later."""
    parent, _, name = key.rpartition(".")
    group, _, member = parent.partition(".")
    if member and group in LISTS and "_target_" not in _select(settings, parent):
        raise ValueError(f"{key} is set, but {group}={member} is not among those chosen")
    node = _select(settings, parent) if parent else settings
    if isinstance(node, Mapping) and "_target_" in node:
        return
    siblings = [k for k in node if k != name] if isinstance(node, Mapping) else []
    near = get_close_matches(name, [str(k) for k in siblings], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"there is no setting {key}{hint} (--help lists them)")


def _select(settings: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - a setting may be anything.
    node: Any = settings
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            raise SettingError(key, "must be given")
        node = node[part]
    return node
