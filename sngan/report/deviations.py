"""Where paper and official code differ, and what was in force."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from sngan.report.document import Entry, Line, Section, Table
from sngan.report.results import Results

DEVIATIONS = Path(__file__).with_name("deviations.yaml")


def deviations_section(results: Results) -> Section:
    """Return what was in force at each point, in the cells of a reproduction."""
    configs = [result.cell.config for result in results.all.values() if not result.cell.is_real]
    lines = []
    for entry in yaml.safe_load(DEVIATIONS.read_text()):
        values = [_plain(value) for key in entry["settings"] for value in _in_force(configs, key)]
        settings = ", ".join(f"`{key.removesuffix('._target_')}`" for key in entry["settings"])
        texts = [
            entry["point"],
            entry["paper"],
            entry["code"],
            "; ".join(dict.fromkeys(values)) or "-",
            settings,
        ]
        lines.append(Line([Entry(text) for text in texts]))
    columns = ["Point", "Paper", "Official code", "In force here", "Settings"]
    text = (
        "Where paper and official code differ, or are silent, and what was in force in the cells "
        "of this report."
    )
    return Section("deviations", "Deviations", blocks=[text, Table(columns, lines)])


def _plain(value: object) -> str:
    """Return a value in words: of a component, what it is called instead of its class."""
    text = str(value)
    is_class = re.fullmatch(r"[a-z_]\w*(\.\w+)+", text)
    return text.split(".")[-2].replace("_", " ") if is_class else text


def _in_force(configs: Iterable[Mapping[str, Any]], key: str) -> list[Any]:
    """Return the values of a setting, each once."""
    found: list[Any] = []
    for config in configs:
        node: Any = config
        for part in key.split("."):
            node = node.get(part, ...) if isinstance(node, Mapping) else ...
        if node is not ... and node not in found:
            found.append(node)
    return found
