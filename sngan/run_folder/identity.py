"""What makes a training the training it is."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

INDIFFERENT = (
    "seed", "device", "log_every", "sample_every", "checkpoint_every", "keep_checkpoints",
    "monitor", "logger", "channels_last", "merged_resampling", "joint_pass", "cuda_graph",
    "compile",
)  # fmt: skip
"""Settings that do not tell one kind of training from another."""
PLACES = ("root", "test_root", "cache", "verify", "mirrors")
"""Settings of a data set that say where it is; its content is compared by its statistics."""


def kind_of_training(config: Mapping[str, Any], step: int | str | None) -> str:
    """Return what trainings have in common that differ in their seed alone.

    Args:
        config: The configuration in a checkpoint.
        step: Its iterations, or what it was chosen for where that decides these.
    """
    kept = {key: value for key, value in _as_before(config).items() if key not in INDIFFERENT}
    dataset = {key: value for key, value in kept["dataset"].items() if key not in PLACES}
    return json.dumps({**kept, "dataset": dataset, "step": step}, sort_keys=True, default=repr)


def identity(config: Mapping[str, Any]) -> str:
    """Return a digest of everything that decides what a training results in.

    Trainings of one identity need to be run once. Where its pictures lie, how often it is logged
    or watched and the device are left out; the pictures themselves are not looked at.

    Args:
        config: Of one training, plain and resolved.

    Returns:
        Ten hexadecimal digits.
    """
    # A checkpoint's may lack some; it is another training then.
    return digest([kind_of_training(config, config.get("total_steps")), config.get("seed")])


def _as_before(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out settings that came later, where they change nothing: a training stays the same."""
    rate = {"lr": _at(config, "optimizer", "lr")}
    start = _at(config, "setting", "lr_decay_start")
    later = {
        "accumulation": 1,
        "average": None,
        "augmentation": None,
        "gradient_clipping": {"max_norm": None},
        "optimizer.generator": rate,
        "optimizer.discriminator": rate,
        "schedule": {"_target_": "sngan.schedule.linear.Linear", "start": start},
        "dataset.channels": 3,
        "architecture.generator.image_channels": 3,
        "architecture.discriminator.image_channels": 3,
        "regularizer.spectral_norm.operator": "matrix",
    }
    for path, value in later.items():
        config = _without(config, path.split("."), value)
    return config


def _at(config: Mapping[str, Any], node: str, name: str) -> object:
    """Return a setting; None where a checkpoint has none."""
    found = config.get(node)
    return found.get(name) if isinstance(found, Mapping) else None


def _without(node: Mapping[str, Any], path: list[str], value: object) -> Mapping[str, Any]:
    """Return a configuration without the setting at a path if it has this value."""
    name, *below = path
    child = node.get(name)
    if not below:
        return {k: v for k, v in node.items() if k != name or v != value}
    return {**node, name: _without(child, below, value)} if isinstance(child, Mapping) else node


def digest(value: object) -> str:
    """Return ten hexadecimal digits that stand for JSON-able values."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:10]
