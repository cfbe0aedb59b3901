"""What a configuration out of a checkpoint, which may be a stranger's, may say."""

import re
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import Any

COMPONENTS = (
    "architecture", "loss", "regularizer", "dataset", "preprocessing", "monitor", "extractor",
)  # fmt: skip
"""Groups of which a checkpoint's configuration has members."""
TRUSTED_TARGET = re.compile(r"sngan\.([a-z0-9_]+)\.[a-z0-9_]+\.[A-Z][A-Za-z0-9]*")
TRUSTED_OPTIMIZER = re.compile(r"torch\.optim\.[A-Z][A-Za-z0-9]*")


def check_trusted(config: Mapping[str, Any], groups: Collection[str] = COMPONENTS) -> None:
    """Raise unless building a configuration can run no code but ours.

    Checkpoints hold resolved values, so an interpolation, which could run a resolver, is as
    suspicious as a foreign target.

    Args:
        config: Plain values.
        groups: Of which it may name members.

    Raises:
        ValueError: If it names a target that is not one of our components, or holds an
            interpolation.
    """
    for text in _strings(config):
        if "${" in text:
            raise ValueError(f"the checkpoint's configuration holds an interpolation: {text!r}")
    for target in _targets(config):
        if not _is_component(target, groups):
            raise ValueError(
                f"the checkpoint's configuration names {target!r}, which is not of sngan"
            )


def _is_component(target: object, groups: Collection[str]) -> bool:
    """Tell whether a target is an optimizer, or a class of the very module its path names."""
    if not isinstance(target, str):
        return False
    if TRUSTED_OPTIMIZER.fullmatch(target):
        return True
    member = TRUSTED_TARGET.fullmatch(target)
    if member is None or member[1] not in groups:
        return False
    module, _, name = target.rpartition(".")
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:
        return False
    return getattr(found, "__module__", None) == module


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for pair in node.items():
            yield from _strings(list(pair))
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def _targets(node: object) -> Iterator[object]:
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield node["_target_"]
        for value in node.values():
            yield from _targets(value)
    elif isinstance(node, list):
        for value in node:
            yield from _targets(value)
