"""A node of a configuration becomes the object that its ``_target_`` names."""

from collections.abc import Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sngan.system.require import SettingError

Node = Mapping[str, Any]
"""Part of a configuration."""


def component(node: Node, place: str, **arguments: object) -> Any:  # noqa: ANN401 - the caller's annotation says what.
    """Build an object and the objects among its arguments.

    Args:
        node: Names its class as ``_target_``; other keys are arguments.
        place: Where the node stands in the configuration, for messages.
        arguments: Further arguments, which no configuration can hold.

    Raises:
        SettingError: With the whole path of the setting that is not accepted.
        ValueError: If the node names no class, or the class does not take its arguments.
        FileNotFoundError: If a file is missing.
        ModuleNotFoundError: If an optional package is missing.
    """
    if not isinstance(node, Mapping) or "_target_" not in node:
        raise ValueError(f"{place} must name its _target_, got {node}")
    package, _, rest = str(node["_target_"]).partition(".")
    group = rest.partition(".")[0]
    if package == "sngan" and group not in place.split("."):
        raise ValueError(f"{place} cannot be a member of {group}, got {node['_target_']}")
    inner = {
        str(key): component(value, f"{place}.{key}")
        for key, value in node.items()
        if isinstance(value, Mapping) and "_target_" in value
    }
    own = {str(key): value for key, value in node.items() if key not in inner}
    try:
        return instantiate(OmegaConf.create(own), _convert_="all", **inner, **arguments)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, SettingError):
            raise cause.within(place) from None
        if isinstance(cause, ValueError | FileNotFoundError | ModuleNotFoundError):
            raise cause from None
        if isinstance(cause, ImportError):
            target = node["_target_"]
            raise ValueError(
                f"{place}: {target} cannot be imported: {cause.__cause__ or cause}"
            ) from error
        reason = str(error).partition("\nfull_key:")[0]
        raise ValueError(f"{place}: {reason}") from error
    except OmegaConfBaseException as error:  # A value that it takes for a word of its own: ???.
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{place}: {reason}") from error
