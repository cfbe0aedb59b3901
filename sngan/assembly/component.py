"""A node of a configuration becomes the object that its ``_target_`` names."""

import inspect
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sngan.assembly.hydra_versions import allowed
from sngan.system.declared import accepted
from sngan.system.printable import shown
from sngan.system.require import SettingError, within

Node = Mapping[str, Any]
"""Part of a configuration."""
OWN_WORDS = ("_target_", "_args_", "_partial_", "_recursive_", "_convert_")
"""Of the configuration library, for any target."""
VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


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
        raise ValueError(f"{place} must name its _target_, got {shown(node)}")
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
    with within(place):
        own |= _accepted(own, {*inner, *arguments})
    try:
        return instantiate(
            OmegaConf.create(own), _convert_="all", **allowed(own), **inner, **arguments
        )
    except OmegaConfBaseException as error:  # A value that it takes for a word of its own: ???.
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{place}: {reason}") from error
    except Exception as error:  # What the class raises, bare or wrapped: that is up to Hydra.
        cause = (isinstance(error, InstantiationException) and error.__cause__) or error
        told = _in_place(cause, str(node["_target_"]), place)
        raise told from (None if told is cause else cause)


def _accepted(node: Node, others: Collection[str]) -> dict[str, Any]:
    """Return a node's arguments as what it names declares them.

    Args:
        node: Its arguments are values.
        others: Names of its further arguments.

    Raises:
        SettingError: Naming the first that is not accepted, not known or not there.
    """
    given = {name: value for name, value in node.items() if name not in OWN_WORDS}
    try:
        target = get_object(node["_target_"])
        parameters = inspect.signature(target).parameters
    except Exception:  # To be explained by who builds it.
        return given
    if inspect.Parameter.VAR_KEYWORD not in {parameter.kind for parameter in parameters.values()}:
        _check_known(given, parameters)
    if not {"_args_", "_partial_"} & node.keys():
        for name, parameter in parameters.items():
            is_single = parameter.kind not in VARIABLE
            if is_single and parameter.default is parameter.empty and name not in {*given, *others}:
                raise SettingError(name, "must be given")
    return accepted(target, given)


def _check_known(given: Collection[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            there = f"there are {', '.join(known)}" if known else "there are none"
            hint = f"did you mean {near[0]}?" if near else there
            raise SettingError(name, f"is not a setting; {hint}")


def _typed(said: str, place: str) -> str:
    """Return advice to choose another member, with the word that does it at a member's place.

    A member knows its group; ``extractor=NAME`` is for an extractor that is not part of another.
    """
    group = place.rpartition(".")[2]
    return said if group == place else re.sub(rf"\b{group}=", f"{group}@{place}=", said)


def _in_place(error: BaseException, target: str, place: str) -> BaseException:
    """Return what a user is told of an error."""
    if isinstance(error, SettingError):
        return type(error)(f"{place}.{error.setting}", _typed(error.said, place))
    if isinstance(error, ModuleNotFoundError):
        return type(error)(_typed(str(error), place), name=error.name)
    if isinstance(error, FileNotFoundError):
        return error
    if isinstance(error, ValueError):
        return ValueError(f"{place}: {error}")
    if isinstance(error, ImportError):
        return ValueError(f"{place}: {target} cannot be imported: {error.__cause__ or error}")
    if isinstance(error, InstantiationException):  # It says what it has against the target.
        reason = str(error).partition("\nfull_key:")[0]
        return ValueError(f"{place}: {reason}")
    return ValueError(f"{place}: {target} raised {error!r}")
