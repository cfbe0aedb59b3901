"""Score sheets that go with an export: what decides scores stays, the maker's folders do not."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from sngan.assembly.places import without_places
from sngan.run_folder.exported import WEIGHTS
from sngan.system.files import read_json

logger = logging.getLogger(__name__)


def shared_sheets(files: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """Read the sheets beside a checkpoint.

    Args:
        files: Sheets, by what follows the checkpoint's name in theirs; others are left out.

    Returns:
        Sheets by the names that they have beside an export, without paths.
    """
    found = {}
    for rest, path in files.items():
        content = read_json(path, dict)
        if content is None:
            logger.warning("%s is damaged, so it is left out", path)
        elif isinstance(content.get("protocols"), dict):
            found[f"{Path(WEIGHTS).stem}{rest}"] = _without_paths(content)
    return found


def blocks(sheet: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield for each protocol of a sheet its heading, and what was measured and what decides it."""
    extractor, names = _part(sheet, "extractor"), _part(sheet, "names")
    for name, scores in _part(sheet, "protocols").items():
        if isinstance(scores, dict):
            rows = _numbers(scores, names) | _conditions(scores, _part(scores, "protocol"))
            rows["comparable with published scores"] = "yes" if scores.get("comparable") else "no"
            rows["network"] = ", ".join(f"{key} {value}" for key, value in extractor.items())
            rows["seed of the samples"] = str(sheet.get("seed"))
            rows["versions"] = _versions(_part(sheet, "versions"))
            yield f"{extractor.get('name')}, protocol {name}", rows


def _numbers(scores: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, str]:
    rows = {}
    if scores.get("score_mean") is not None:
        said = f"{_said(scores['score_mean'], '.3f')} +- {_said(scores.get('score_std'), '.3f')}"
        rows[str(names.get("score"))] = said
    if scores.get("distance") is not None:
        rows[str(names.get("distance"))] = _said(scores["distance"], ".3f")
    settings = _part(scores, "settings")
    for metric, values in _part(scores, "more").items():
        pairs = values.items() if isinstance(values, dict) else ()
        said = ", ".join(f"{key} {_said(value, '.5g')}" for key, value in pairs)
        rows[metric] = f"{said} ({settings[metric]})" if settings.get(metric) else said
    return rows


def _conditions(scores: Mapping[str, Any], protocol: Mapping[str, Any]) -> dict[str, str]:
    count, of_distance = (_said(protocol.get(f"num_generated{x}"), ",") for x in ("", "_fid"))
    splits = _said(protocol.get("splits"), ",")
    rows = {
        "samples": f"{count} in {splits} splits, of them {of_distance} for distances",
        "rounding": str(protocol.get("quantization")),
        "real pictures": f"{_said(scores.get('num_real'), ',')} of {scores.get('real')}",
    }
    notes = [note for key in ("mismatches", "warnings") for note in scores.get(key) or ()]
    return rows | ({"notes": "; ".join(map(str, notes))} if notes else {})


def _said(value: object, form: str) -> str:
    """Return a number in a form; a sheet may hold anything else in its place."""
    return format(value, form) if type(value) in (int, float) else str(value)


def _versions(versions: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {versions.get(name)}" for name in ("sngan", "torch"))


def _without_paths(sheet: dict[str, Any]) -> dict[str, Any]:
    """Return a sheet with names of files instead of paths."""
    found = {**sheet, "name": sheet.get("checkpoint")}
    if isinstance(found.get("dataset"), dict):
        found["dataset"] = without_places(found["dataset"])
    found["extractor"] = _named_only(_part(sheet, "extractor"), "weights")
    found["protocols"] = {
        name: _named_only(scores, "statistics") if isinstance(scores, dict) else scores
        for name, scores in sheet["protocols"].items()
    }
    return found


def _named_only(node: dict[str, Any], key: str) -> dict[str, Any]:
    value = node.get(key)
    return {**node, key: PurePath(value).name} if isinstance(value, str) else node


def _part(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}
