"""Checks of plain settings, run before anything is built or PyTorch is even imported."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from math import isfinite
from typing import Any

COUNTS = (
    "total_steps",
    "log_every",
    "sample_every",
    "checkpoint_every",
    "setting.n_dis",
    "setting.batch_size",
    "setting.generator_batch_size",
)
LISTS = ("regularizer", "monitor")
"""Groups of which several members can be chosen."""
PRESETS = ("tf1", "pytorch-fid")
"""How the FID Inception resizes and scales: as TensorFlow 1 did, as pytorch-fid does."""
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


def check_settings(settings: Mapping[str, Any], added: Sequence[str]) -> None:
    """Raise unless the settings of a training run make sense by themselves.

    Args:
        settings: The composed configuration.
        added: Keys the user added to it with a plus, groups left out.

    Raises:
        ValueError: Naming the setting, its value and what is accepted.
    """
    for key in added:
        _check_added(key, settings)
    require_positive(**{key: _select(settings, key) for key in COUNTS})
    if settings["keep_checkpoints"] is not None:
        require_positive(keep_checkpoints=settings["keep_checkpoints"])
    require_one_of("precision", settings["precision"], PRECISIONS)
    require_bool(**{switch: settings[switch] for switch in SWITCHES})
    if settings["single_sigma"] and not settings["joint_pass"]:
        raise ValueError("single_sigma=true needs joint_pass=true, got joint_pass=false")
    require_seed(settings["seed"])


def check_evaluation(settings: Mapping[str, Any], added: Sequence[str]) -> None:
    """Raise unless the settings of an evaluation make sense by themselves.

    Args:
        settings: The composed configuration.
        added: What the user added to it with a plus, ``KEY=VALUE``.

    Raises:
        ValueError: Naming the setting, its value and what is accepted.
    """
    for word in added:
        _check_added(word.partition("=")[0], settings)
    require_seed(settings["seed"])
    for name in ("cache", "reference"):
        if not isinstance(settings[name], str | None):
            raise ValueError(f"{name} must be a path, got {settings[name]}")
    if settings["batch_size"] is not None:
        require_positive(batch_size=settings["batch_size"])
    require_bool(allow_mismatch=settings["allow_mismatch"])
    if settings["reference_preset"] is not None:
        require_one_of("reference_preset", settings["reference_preset"], PRESETS)


def require_positive(**values: object) -> None:
    """Raise unless every value is an integer above 0.

    Raises:
        ValueError: Naming the first that is not.
    """
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} must be an integer >= 1, got {value}")


def require_seed(seed: object) -> None:
    """Raise unless a seed is an integer from 0.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed must be an integer >= 0, got {seed}")


def require_one_of(name: str, value: object, accepted: Collection[str]) -> None:
    """Raise unless a value is among those accepted.

    Raises:
        ValueError: If it is not.
    """
    if value not in accepted:
        raise ValueError(f"{name} must be one of {', '.join(accepted)}, got {value}")


def require_bool(**values: object) -> None:
    """Raise unless every value is a boolean: ``no`` and ``maybe`` are words, and words are true.

    Raises:
        ValueError: Naming the first that is not.
    """
    for name, value in values.items():
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, got {value}")


def require_number(name: str, value: object, *, above: float | None = None) -> None:
    """Raise unless a value is a finite number, at least 0 or above a limit from 0.

    Raises:
        ValueError: If it is not.
    """
    wanted = ">= 0" if above is None else f"> {above:g}"
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise ValueError(f"{name} must be a number {wanted}, got {value}")
    if value < 0 or (above is not None and value <= above):
        raise ValueError(f"{name} must be a number {wanted}, got {value}")


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
        node = node[part]
    return node
