"""What Hydra 1.4 and OmegaConf 2.4 want said otherwise than Hydra 1.3 and OmegaConf 2.3."""

from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from typing import Any

from hydra.utils import instantiate
from omegaconf import OmegaConf

IS_NEW = "_execution_whitelist_" in signature(instantiate).parameters
BASE = {} if IS_NEW else {"version_base": "1.3"}
"""Arguments with which Hydra acts as version 1.3 does."""


def allowed(node: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the argument with which `instantiate` builds what a node names, and nothing else.

    Args:
        node: Of the user's own words, or looked at by `sngan.assembly.trust`.
    """
    return {"_execution_whitelist_": [*_targets(node)]} if IS_NEW else {}


def register_resolver(
    name: str, resolver: Callable[..., object], *, use_cache: bool = True
) -> None:
    """Let configurations call a function; with a cache, once for each of its arguments' values."""
    # Version 2.3 has a function of the new name, too, which does something else.
    register = getattr(OmegaConf, "register_resolver" if IS_NEW else "register_new_resolver")
    register(name, resolver, use_cache=use_cache, replace=True)


def _targets(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield str(node["_target_"])
        node = list(node.values())
    if isinstance(node, list):
        for value in node:
            yield from _targets(value)
