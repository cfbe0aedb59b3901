"""Types and ranges of the settings that no component takes; those of components are theirs."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from annotated_types import Interval

from sngan.extractor.parts.presets import Preset
from sngan.run_folder.choice import IfDamaged
from sngan.system.declared import (
    BatchSize,
    Decay,
    PathText,
    Positive,
    Seed,
    Share,
    Small,
    Steps,
    Text,
    Times,
)
from sngan.system.declared import check as check_value
from sngan.system.printable import shown
from sngan.system.require import SettingError, within

Rate = Annotated[float, Interval(gt=0, le=1e6)]
"""Of learning."""
Kinds = Mapping[str, Any]
"""Declared types of settings by their names."""

TRAINING: Kinds = {
    "seed": Seed,
    "device": Text,
    "total_steps": Steps,
    "log_every": Steps,
    "sample_every": Steps,
    "checkpoint_every": Steps,
    "keep_checkpoints": Steps | None,
    "setting.lr": Rate,
    "setting.beta1": Decay,
    "setting.beta2": Decay,
    "setting.n_dis": Times,
    "setting.batch_size": BatchSize,
    "setting.generator_batch_size": BatchSize,
    "setting.lr_decay_start": Decay | None,
    "precision": Literal["float32", "tf32", "bfloat16"],
    "channels_last": bool,
    "merged_resampling": bool,
    "joint_pass": bool,
    "cuda_graph": bool,
    "single_sigma": bool,
    "one_generator_pass": bool,
    "compile": bool,
}
ADDED: Kinds = {
    "accumulation": Times,
    "gradient_clipping.max_norm": Positive | None,
}
"""Settings of a training that older ones do not have."""
COMMAND: Kinds = {"pack": Annotated[int, Interval(ge=1, le=256)], "if_damaged": IfDamaged}
"""Of ``sngan-train`` itself; no run keeps them."""
OPTIMIZER: Kinds = {
    "lr": Rate,
    "betas": tuple[Decay, Decay],
    "eps": Small,
    "weight_decay": Share,
    "momentum": Decay,
    "alpha": Decay,
    "dampening": Share,
}
"""Numbers of PyTorch's optimizers, which admit infinite ones; an optimizer has some of them."""
NETWORKS = ("generator", "discriminator")
"""What an optimizer's settings may be different for: ``optimizer.discriminator.lr``."""
EVALUATION: Kinds = {
    "seed": Seed,
    "device": Text,
    "batch_size": BatchSize | None,
    "cache": PathText | None,
    "reference": PathText | None,
    "reference_preset": Preset | None,
    "allow_mismatch": bool,
    "if_damaged": IfDamaged,
}

PARTS = ("dataset", "preprocessing", "loss", "optimizer", "architecture.generator",
    "architecture.discriminator")  # fmt: skip
"""Components of a training, each of which there is one."""


def check_all(settings: Mapping[str, Any], kinds: Kinds) -> None:
    """Raise unless settings are there and of their declared kinds.

    Raises:
        SettingError: Naming the first that is not.
    """
    for key, kind in kinds.items():
        check_value(key, kind, select(settings, key))


def check_optimizer(settings: Mapping[str, Any]) -> None:
    """Raise unless the numbers of both networks' optimizers are in their ranges.

    Raises:
        SettingError: Naming the first that is not.
    """
    for place, node in {"optimizer": settings, **_places_of_networks(settings)}.items():
        with within(place):
            check_all(node, {key: kind for key, kind in OPTIMIZER.items() if key in node})


def check_components(settings: Mapping[str, Any], places: Iterable[str]) -> None:
    """Raise unless there is a component at each place.

    Raises:
        SettingError: Naming the first that is none.
    """
    for place in places:
        node = select(settings, place)
        if not isinstance(node, Mapping) or not isinstance(node.get("_target_"), str):
            raise SettingError(place, f"must name a class as its _target_, got {shown(node)}")


def members(settings: Mapping[str, Any], group: str) -> dict[str, Mapping[str, Any]]:
    """Return what is chosen of a group of which several can be, by the place of each.

    Raises:
        SettingError: If something there is no member.
    """
    found = settings.get(group)
    if found is not None and not isinstance(found, Mapping):
        raise SettingError(group, f"must be a list of members' names, got {shown(found)}")
    nodes = {f"{group}.{name}": node for name, node in (found or {}).items()}
    for place, node in nodes.items():
        if not isinstance(node, Mapping):
            raise SettingError(place, f"must be a member with its settings, got {shown(node)}")
    return nodes


def select(settings: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - a setting may be anything.
    """Return a setting by its whole name.

    Raises:
        SettingError: If there is none.
    """
    node: Any = settings
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            raise SettingError(key, "must be given")
        node = node[part]
    return node


def _places_of_networks(settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found = {f"optimizer.{name}": settings[name] for name in NETWORKS if name in settings}
    for place, node in found.items():
        if not isinstance(node, Mapping):
            raise SettingError(place, f"must be settings of one network's optimizer, got {node}")
        if odd := [key for key in node if key.startswith("_")]:
            raise SettingError(f"{place}.{odd[0]}", "cannot differ between the networks")
    return found
