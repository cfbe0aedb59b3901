"""What a configuration out of a checkpoint or a plan, which may be a stranger's, may say."""

import re
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module

COMPONENTS = (
    "architecture", "loss", "regularizer", "dataset", "preprocessing", "monitor", "extractor",
)  # fmt: skip
"""Groups of which a checkpoint's configuration has members."""
TRUSTED_TARGET = re.compile(r"sngan\.([a-z0-9_]+)\.[a-z0-9_]+\.[A-Z][A-Za-z0-9]*")
TRUSTED_OPTIMIZER = re.compile(r"torch\.optim\.[A-Z][A-Za-z0-9]*")
FOREIGN_TARGET = re.compile(r"([A-Za-z_]\w*)(\.[A-Za-z_]\w*)+", re.ASCII)
PLAIN = (dict, list, str, int, float, bool, type(None))


def check_trusted(
    settings: Mapping[str, object],
    packages: Collection[str] = (),
    groups: Collection[str] = COMPONENTS,
) -> None:
    """Raise unless building a configuration can run no code but ours, and of named packages.

    Checkpoints hold resolved values, so an interpolation, which could run a resolver, is as
    suspicious as a foreign target. Other kinds of values than JSON has are, too: the configuration
    library turns a tuple into a list after we have looked at it.

    Args:
        settings: What the file says.
        packages: Whose classes the user trusts besides.
        groups: Of which it may name members.

    Raises:
        ValueError: If it names a target that is none of these, or holds an interpolation or a
            value of another kind.
    """
    for value in _values(settings):
        if type(value) not in PLAIN:
            raise ValueError(
                f"the checkpoint's configuration holds a {type(value).__name__}, which none has"
            )
        if isinstance(value, str) and "${" in value:
            raise ValueError(f"the checkpoint's configuration holds an interpolation: {value!r}")
    for target in targets(settings):
        if not _is_component(target, groups) and _package(target) not in packages:
            package = _package(target)
            hint = "" if package is None else f"; trust=[{package}] if you know what is in it"
            raise ValueError(
                f"the checkpoint's configuration names {target!r}, which is not of sngan{hint}"
            )


def foreign_packages(settings: Mapping[str, object]) -> tuple[str, ...]:
    """Return the packages besides ours whose classes a configuration names, each once.

    Args:
        settings: Composed from the user's own words, who thereby trusts these packages.
    """
    found = (_package(target) for target in targets(settings) if not _is_component(target))
    return tuple(dict.fromkeys(package for package in found if package is not None))


def targets(node: object) -> Iterator[object]:
    """Yield every ``_target_`` of a configuration."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield node["_target_"]
        for value in node.values():
            yield from targets(value)
    elif isinstance(node, list):
        for value in node:
            yield from targets(value)


def _is_component(target: object, groups: Collection[str] = COMPONENTS) -> bool:
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
