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
    kept = {key: value for key, value in config.items() if key not in INDIFFERENT}
    dataset = {key: value for key, value in config["dataset"].items() if key not in PLACES}
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


def digest(value: object) -> str:
    """Return ten hexadecimal digits that stand for JSON-able values."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:10]
