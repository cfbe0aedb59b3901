"""What a configuration out of a checkpoint or a plan, which may be a stranger's, may say.

Such a file may name our components, at the places of our configuration files. Components of other
packages are built only with the consent of who runs the command. Consent is a set of words: the
name of a package, typed by the user, which allows every class and function defined in it; or the
fingerprint of a component with all of its arguments, or of the places of one of ours, which allows
just this and comes from the user's own words or from `sngan.assembly.consent`.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from importlib import import_module
from types import ModuleType
from typing import Any

from sngan.assembly.places import components, fingerprint, placed
from sngan.system.printable import shown

COMPONENTS = (
    "architecture", "loss", "regularizer", "dataset", "preprocessing", "schedule", "average",
    "augmentation", "monitor", "extractor", "logger",
)  # fmt: skip
"""Groups of which a checkpoint's configuration has members."""
TRUSTED_TARGET = re.compile(r"sngan\.([a-z0-9_]+)\.[a-z0-9_]+\.[A-Z][A-Za-z0-9]*")
TRUSTED_OPTIMIZER = re.compile(r"torch\.optim\.[A-Z][A-Za-z0-9]*")
FOREIGN_TARGET = re.compile(r"([A-Za-z_]\w*)(\.[A-Za-z_]\w*)+", re.ASCII)
PLAIN = (dict, list, str, int, float, bool, type(None))


def check_trusted(
    settings: Mapping[str, object],
    trust: Collection[str] = (),
    groups: Collection[str] = COMPONENTS,
    source: str = "the checkpoint",
) -> None:
    """Raise unless building a configuration can run no code but ours, and what is consented to.

    Checkpoints hold resolved values, so an interpolation, which could run a resolver, is as
    suspicious as a foreign target.

    Args:
        settings: What the file says.
        trust: Packages and fingerprints; see above.
        groups: Of which it may name members.
        source: What the file is, for the error.

    Raises:
        ValueError: If it names a target or a place that is none of these, gives one of our
            components arguments without their names, or holds an interpolation or a value of
            another kind than JSON has.
    """
    check_plain(settings, source)
    for value in _values(settings):
        if isinstance(value, str) and "${" in value:
            raise ValueError(f"{source}'s configuration holds an interpolation: {value!r}")
    for node in components(settings):
        _check_named_arguments(node, source)
    for node in foreign(settings, groups):
        _check_consent(node, trust, source)
    for places in placed(settings):
        if fingerprint(places) not in trust:
            said = f"{source}'s configuration names places that are not yours"
            raise ValueError(f"{said}: {shown({**places})}")


def check_plain(settings: Mapping[str, object], source: str = "the checkpoint") -> None:
    """Raise unless a configuration holds nothing but what JSON has.

    The configuration library turns a tuple into a list, and other keys into texts, after we have
    looked at them.

    Raises:
        ValueError: If it does.
    """
    for value in _values(settings):
        odd = type(value) not in PLAIN
        if odd or (isinstance(value, dict) and any(type(key) is not str for key in value)):
            kind = type(value).__name__ if odd else "key that is no text"
            raise ValueError(f"{source}'s configuration holds a {kind}, which none has")


def foreign(node: object, groups: Collection[str] = COMPONENTS) -> Iterator[Mapping[str, Any]]:
    """Yield every component of a configuration that is none of ours, with its arguments."""
    return (found for found in components(node) if not _is_ours(found["_target_"], groups))


def fingerprints(
    settings: Mapping[str, object], groups: Collection[str] = COMPONENTS
) -> tuple[str, ...]:
    """Return the consent to just the foreign components of a configuration, and to its places.

    Args:
        settings: Composed from the user's own words: whoever names a component runs it.
        groups: See `check_trusted`.
    """
    found = [_fingerprint(node) for node in foreign(settings, groups)]
    return tuple(dict.fromkeys([*found, *map(fingerprint, placed(settings))]))


def foreign_packages(
    settings: Mapping[str, object], groups: Collection[str] = COMPONENTS
) -> tuple[str, ...]:
    """Return the packages that somebody else must trust to build a configuration.

    Args:
        settings: What has been built: the packages are imported.
        groups: See `check_trusted`.
    """
    found = [
        package
        for node in foreign(settings, groups)
        for package in (_package(node["_target_"]), _defined_in(node["_target_"]))
    ]
    return tuple(dict.fromkeys(package for package in found if package is not None))


def _check_named_arguments(node: Mapping[str, Any], source: str) -> None:
    """Raise if one of our components has arguments that are not looked at: ``_args_`` and such."""
    odd = [key for key in node if key.startswith("_") and key != "_target_"]
    if odd and str(node["_target_"]).startswith("sngan."):
        raise ValueError(
            f"{source}'s configuration gives {node['_target_']} {odd[0]}, which none has"
        )


def _check_consent(node: Mapping[str, Any], trust: Collection[str], source: str) -> None:
    """Raise unless a foreign component may be built; nothing is imported that is not trusted."""
    if _fingerprint(node) in trust:
        return
    target = node["_target_"]
    package = _package(target)
    said = f"{source}'s configuration names {target!r}, which"
    if package is None:
        raise ValueError(f"{said} is not of sngan")
    if package not in trust:
        raise ValueError(f"{said} is not of sngan; 'trust=[{package}]' if you know what is in it")
    origin = _defined_in(target)
    if origin not in trust:  # A module's imports can be named through it, too.
        hint = f"; 'trust=[{package},{origin}]' if you know what is in both"
        raise ValueError(f"{said} is defined in {origin}, not in {package}{hint}")


def _fingerprint(node: Mapping[str, Any]) -> str:
    """Return what stands for a component with its arguments; it cannot be a package's name."""
    return f"sha256-{sha256(json.dumps(node, sort_keys=True).encode()).hexdigest()}"


def _is_ours(target: object, groups: Collection[str]) -> bool:
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


def _package(target: object) -> str | None:
    """Return the package that a target is of; None for ours, and for what is no target."""
    found = FOREIGN_TARGET.fullmatch(target) if isinstance(target, str) else None
    return None if found is None or found[1] == "sngan" else found[1]


def _defined_in(target: str) -> str:
    """Return the package that defines what a target names, which is imported for that.

    Raises:
        ValueError: If it cannot be.
    """
    first, *others = target.split(".")
    try:
        found: object = import_module(first)
        for index, name in enumerate(others):
            if isinstance(found, ModuleType) and not hasattr(found, name):
                import_module(".".join([first, *others[: index + 1]]))
            found = getattr(found, name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{target} cannot be imported: {error}") from error
    return str(getattr(found, "__module__", None) or "builtins").partition(".")[0]


def _values(node: object) -> Iterator[object]:
    """Yield every key and value, and what is in them as far as JSON goes."""
    yield node
    if type(node) is dict:
        for pair in node.items():
            for part in pair:
                yield from _values(part)
    elif type(node) is list:
        for value in node:
            yield from _values(value)
