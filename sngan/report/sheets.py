"""Score sheets as ``sngan-eval`` writes them: numbers, whose features, and what they are called."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sngan.system.files import read_json

FIELDS = {"IS": "score_mean", "FID": "distance"}
"""Of a sheet, where the scores of the paper's tables stand."""
KINDS = {"IS": "score", "FID": "distance"}
"""What they are, whatever the network."""
NAMES_OF_THE_FIELD = {"score": "Inception score", "distance": "FID"}
"""What a sheet calls them if they are of the one network that they are defined by."""


@dataclass(frozen=True)
class Sheet:
    """The scores of a checkpoint, or of real pictures.

    Attributes:
        extractor: Name of the feature network, and all that decides its features; of the file of
            its weights the checksum does, the name does not.
        names: What ``score`` and ``distance`` are called.
        protocols: Numbers by protocol, and whether they compare with published ones.
        is_average: Whether they are of averaged weights, which the paper has not.
    """

    extractor: Mapping[str, Any]
    names: Mapping[str, str]
    protocols: Mapping[str, Mapping[str, Any]]
    is_average: bool = False

    @classmethod
    def read(cls, path: Path, protocols: Sequence[str]) -> "Sheet | None":
        """Read a sheet; None if it is damaged, or lacks a protocol.

        Args:
            path: The file.
            protocols: Those it must have.
        """
        content = read_json(path, dict) or {}
        extractor, names, found = (_part(content, x) for x in ("extractor", "names", "protocols"))
        is_whole = "name" in extractor and set(NAMES_OF_THE_FIELD) <= set(names)
        if not is_whole or not all(_part(found, name) for name in protocols):
            return None
        features = {k: v for k, v in extractor.items() if k != "weights"}
        return cls(features, names, found, content.get("weights") == "average")

    @property
    def network(self) -> str:
        """What tells its features from those of other networks."""
        return json.dumps(self.extractor, sort_keys=True)

    @property
    def is_of_the_field(self) -> bool:
        """Whether its scores are Inception scores and FIDs."""
        return self.names == NAMES_OF_THE_FIELD

    def score(self, name: str, protocol: str) -> float | None:
        """Return ``IS`` or ``FID``, whatever its name is here; None if there is none."""
        return self.protocols[protocol].get(FIELDS[name])

    def split_std(self, protocol: str) -> float | None:
        """Return the standard deviation of ``IS`` over the splits of the samples."""
        return self.protocols[protocol].get("score_std")

    def is_comparable(self, protocol: str) -> bool:
        """Tell whether network, sides and counts are those of published scores."""
        return self.protocols[protocol].get("comparable") is True


def name_of(score: str, sheets: Iterable[Sheet]) -> str:
    """Return what a score is called in a heading.

    Args:
        score: ``IS`` or ``FID``; this short only if all sheets mean it.
        sheets: Whose scores stand below; where there are none, or they disagree, the name says no
            more than what kind of number it is.
    """
    kind = KINDS[score]
    names = {sheet.names[kind] for sheet in sheets}
    if len(names) != 1:
        return kind
    (name,) = names
    return score if name == NAMES_OF_THE_FIELD[kind] else name


def networks(sheets: Iterable[Sheet]) -> dict[str, str]:
    """Return whose features scores are of: what to call each network, by `Sheet.network`.

    Where one name stands for several networks, they are told apart by what else decides them.
    """
    found = {sheet.network: sheet.extractor for sheet in sheets}
    count = Counter(extractor["name"] for extractor in found.values())
    return {
        network: extractor["name"] if count[extractor["name"]] == 1 else _in_full(extractor)
        for network, extractor in found.items()
    }


def _part(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _in_full(extractor: Mapping[str, Any]) -> str:
    said = {k: str(v)[:8] if k == "sha256" else v for k, v in extractor.items() if k != "name"}
    return " ".join([extractor["name"], *(f"{key} {value}" for key, value in said.items())])
