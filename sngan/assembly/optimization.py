"""What moves the weights of both networks, and how fast, from the settings."""

from collections.abc import Mapping
from typing import Any

from torch import nn
from torch.optim import Optimizer

from sngan.assembly.component import component
from sngan.assembly.settings import NETWORKS
from sngan.schedule.base import Schedule
from sngan.schedule.linear import Linear
from sngan.step.descent import Descent
from sngan.system.require import SettingError


def build_optimizer(settings: Mapping[str, Any], network: nn.Module, name: str) -> Optimizer:
    """Build the optimizer of a network.

    Args:
        settings: Of the training; what they say of the network goes before what they say of both.
        network: Whose parameters it moves.
        name: ``generator`` or ``discriminator``.

    Raises:
        ValueError: If an argument is not accepted.
    """
    both = settings["optimizer"]
    own = both.get(name, {})
    node = {key: value for key, value in both.items() if key not in NETWORKS} | own
    try:
        optimizer: Optimizer = component(node, "optimizer", params=list(network.parameters()))
    except SettingError as error:
        setting = error.setting.removeprefix("optimizer.")
        place = f"optimizer.{name}.{setting}" if setting in own else error.setting
        raise SettingError(place, error.said) from error
    return optimizer


def build_descent(settings: Mapping[str, Any]) -> Descent:
    """Build how both networks move; older trainings do so in one part, by the whole gradient.

    Raises:
        SettingError: If a batch cannot be split into equal parts.
    """
    parts = settings.get("accumulation", 1)
    for name in ("batch_size", "generator_batch_size"):
        if settings["setting"][name] % parts:
            raise SettingError(
                "accumulation",
                f"must divide setting.{name}={settings['setting'][name]}, got {parts}",
            )
    return Descent(parts, settings.get("gradient_clipping", {}).get("max_norm"))


def build_schedule(settings: Mapping[str, Any]) -> Schedule:
    """Build what moves the learning rates; older trainings have none but the linear one."""
    node = settings.get("schedule")
    if node is None:
        return Linear(settings["setting"]["lr_decay_start"])
    schedule: Schedule = component(node, "schedule")
    return schedule
