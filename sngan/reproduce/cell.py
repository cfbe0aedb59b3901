"""Cells: the trainings and evaluations behind tables and figures."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training with one seed, or real pictures to be scored.

    Attributes:
        name: Of its folder; ends with its identity.
        config: Settings of the training; of real pictures, of their data set.
        words: Of the command line that would do the same.
        needs: What is measured, ``scores`` or ``spectra``.
        seed: Of the training.
        method: Member of its group; ``real`` for real pictures.
        setting: Likewise.
        is_real: Whether real pictures are scored.
        is_timing: Whether its speed is the result, so that nothing else may run.
    """

    name: str
    config: Mapping[str, Any]
    words: tuple[str, ...]
    needs: frozenset[str]
    seed: int = 0
    method: str = ""
    setting: str = ""
    is_real: bool = False
    is_timing: bool = False

    @property
    def command(self) -> str:
        """The command that would do the same by itself, but for monitors and scores."""
        program = ["sngan-eval", "--real"] if self.is_real else ["sngan-train"]
        return shlex.join([*program, *self.words])

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {**asdict(self), "needs": sorted(self.needs), "words": list(self.words)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Cell":
        """Take back what `to_json` gave."""
        return cls(
            **{
                **content,
                "needs": frozenset(content["needs"]),
                "words": tuple(content["words"]),
            }
        )


@dataclass
class Cells:
    """All cells of some targets.

    Attributes:
        by_name: In the order of the plan.
        by_variant: Names of the cells of each variant, one per seed; keys as of
            `sngan.reproduce.targets.key_of`.
    """

    by_name: dict[str, Cell] = field(default_factory=dict)
    by_variant: dict[str, list[str]] = field(default_factory=dict)

    def add(self, variant: str, cell: Cell) -> None:
        """Add a cell to those of a variant, or what this variant needs of it besides."""
        known = self.by_name.get(cell.name)
        self.by_name[cell.name] = cell if known is None else _joined(known, cell)
        names = self.by_variant.setdefault(variant, [])
        if cell.name not in names:
            names.append(cell.name)


def _joined(known: Cell, other: Cell) -> Cell:
    """Return a cell that serves two uses: the same training, watched and measured for both."""
    config = known.config
    if not known.is_real:
        monitors = {**other.config.get("monitor", {}), **config.get("monitor", {})}
        config = {**config, "monitor": monitors}
    return replace(known, config=config, needs=known.needs | other.needs)
