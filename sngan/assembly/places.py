"""Where a configuration reads, writes and downloads; only its user may say that.

Data sets, extractors, monitors and loggers name folders, files and addresses. A checkpoint that
somebody else has made could have them write anywhere and ask any host. So places count when the
user has typed them, or consented as to components of other packages (see
`sngan.assembly.trust`); others are replaced by those of our configuration files.
"""

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from omegaconf import OmegaConf

from sngan.assembly.compose import CONFIG_DIR
from sngan.system.printable import shown
from sngan.system.require import SettingError

logger = logging.getLogger(__name__)

PLACES = (
    "path", "root", "test_root", "cache", "mirrors", "weights", "mode", "entity", "tracking_uri",
)  # fmt: skip
"""Settings of our components that name a folder, a file or an address, or send anything there."""
GROUPS = ("dataset", "extractor", "monitor", "logger")
MISSING = "???"
"""The configuration library's word for a setting that must be given."""


def components(node: object) -> Iterator[Mapping[str, Any]]:
    """Yield every component of a configuration, also those within others."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield node
        for value in node.values():
            yield from components(value)
    elif isinstance(node, list):
        for value in node:
            yield from components(value)


def placed(node: object) -> Iterator[Mapping[str, Any]]:
    """Yield the places of every component that names others than our configuration files."""
    for component in components(node):
        if named := _named(component):
            yield {"_target_": component["_target_"], **named}


def fingerprint(places: Mapping[str, Any]) -> str:
    """Return what stands for consent to places; it cannot be a package's name."""
    return f"places-{sha256(json.dumps(places, sort_keys=True).encode()).hexdigest()}"


def with_own_places(
    settings: Mapping[str, Any], consent: Collection[str], place: str = ""
) -> dict[str, Any]:
    """Return settings with no place that the user has not consented to.

    Args:
        settings: Of a file, which may be a stranger's.
        consent: See `sngan.assembly.trust`.
        place: Where they stand in the whole configuration.

    Returns:
        A copy, in which a place is `MISSING` if our configuration files have none.
    """
    own = {
        key: with_own_places(value, consent, f"{place}{key}.")
        if isinstance(value, Mapping)
        else value
        for key, value in settings.items()
    }
    named = _named(settings)
    if named and fingerprint({"_target_": settings["_target_"], **named}) not in consent:
        for key, value in named.items():
            own[key] = _defaults(str(settings["_target_"])).get(key, MISSING)
            logger.info("%s%s=%s of the file is not used: %s", place, key, shown(value), own[key])
    return own


def without_places(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings that anybody may see: our configuration files' places instead of others."""
    own = {
        key: without_places(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
    }
    defaults = _defaults(str(settings.get("_target_")))
    return own | {key: defaults.get(key, MISSING) for key in _named(settings)}


def require_places(settings: Mapping[str, Any], place: str = "") -> None:
    """Raise unless all places are known.

    Raises:
        SettingError: Naming the first that is not.
    """
    for key, value in settings.items():
        if isinstance(value, Mapping):
            require_places(value, f"{place}{key}.")
        elif key in PLACES and value == MISSING:
            said = "must be given: the checkpoint does not lie in a run folder of yours, so what it"
            raise SettingError(f"{place}{key}", f"{said} names is not used")


def _named(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the places that a component of ours names, beside those of our files."""
    target = node.get("_target_")
    if not isinstance(target, str) or not target.startswith("sngan."):
        return {}
    defaults = _defaults(target)
    given = {key: node[key] for key in PLACES if node.get(key) not in (None, MISSING)}
    return {key: value for key, value in given.items() if value != defaults.get(key)}


@cache
def _defaults(target: str) -> dict[str, Any]:
    """Return the places that our configuration files give to a component."""
    for path in sorted(path for group in GROUPS for path in (CONFIG_DIR / group).glob("*.yaml")):
        content = OmegaConf.to_container(OmegaConf.load(path))
        if isinstance(content, dict) and content.get("_target_") == target:
            return {key: content[key] for key in PLACES if key in content}
    return {}
