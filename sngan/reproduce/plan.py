"""What a reproduction consists of: its cells, how they are scored, what the user said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sngan.metric.parts.always import ALWAYS
from sngan.reproduce.cell import Cell, Cells
from sngan.reproduce.overrides import decisive
from sngan.run_folder.identity import digest


@dataclass(frozen=True)
class Plan:
    """What a reproduction consists of, as its folder holds it.

    Attributes:
        scale: Of all cells.
        words: What the user said besides.
        evaluation: Settings of ``sngan-eval``.
        cells: See `Cells`.
    """

    scale: str
    words: Sequence[str]
    evaluation: Mapping[str, Any]
    cells: Cells

    @property
    def evaluation_key(self) -> str:
        """What tells scores of this evaluation from those of another."""
        no_matter = ("cache", "batch_size", "device", "trust", "metric")
        kept = {k: v for k, v in self.evaluation.items() if k not in no_matter}
        metrics = self.evaluation.get("metric", {}).items()
        if further := {k: v for k, v in metrics if k not in ALWAYS}:
            kept["metric"] = further
        return digest(kept)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "scale": self.scale,
            "words": list(self.words),
            "evaluation": self.evaluation,
            "cells": {name: cell.to_json() for name, cell in self.cells.by_name.items()},
            "uses": self.cells.by_variant,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Plan":
        """Take back what `to_json` gave.

        Raises:
            ValueError, LookupError, TypeError, AttributeError: If it is something else.
        """
        cells = Cells({name: Cell.from_json(cell) for name, cell in content["cells"].items()})
        for variant, names in content["uses"].items():
            for name in names:
                cells.add(variant, cells.by_name[name])
        evaluation = content["evaluation"]
        evaluation["protocol"].values(), evaluation["extractor"]["_target_"].split(".")
        return cls(content["scale"], list(content["words"]), evaluation, cells)

    def merged(self, before: "Plan", path: Path) -> "Plan":
        """Return this plan and an earlier one of the same folder as one.

        Args:
            before: The earlier one.
            path: Of the folder, for the error.

        Raises:
            ValueError: If they are not parts of one.
        """
        if (before.scale, decisive(before.words)) != (self.scale, decisive(self.words)):
            raise ValueError(
                f"{path} holds a reproduction with --scale {before.scale} and "
                f"{' '.join(decisive(before.words)) or 'no settings'}, got --scale {self.scale} "
                f"and {' '.join(decisive(self.words)) or 'no settings'}; --folder names another"
            )
        own = {variant: [*names] for variant, names in self.cells.by_variant.items()}
        cells = Cells(dict(self.cells.by_name), own)
        for variant, names in before.cells.by_variant.items():
            for name in names:
                cells.add(variant, before.cells.by_name[name])
        return replace(self, cells=cells)
