"""Cells: the trainings and evaluations behind tables and figures, each there once."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sngan.identity import PLACES, digest, identity
from sngan.reproduce.composed import Composed, compose_all
from sngan.reproduce.plan import NEEDS, Target, Variant
from sngan.reproduce.words import Words, length


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
        uses: Names of the cells of each variant, one per seed; key as of `use_of`.
    """

    by_name: dict[str, Cell] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)

    def add(self, use: str, cell: Cell) -> None:
        """Add a cell, or what another use of it needs besides."""
        known = self.by_name.get(cell.name)
        self.by_name[cell.name] = cell if known is None else _joined(known, cell)
        names = self.uses.setdefault(use, [])
        if cell.name not in names:
            names.append(cell.name)


def use_of(variant: Variant) -> str:
    """Return the key under which a variant's cells are listed."""
    return " ".join(variant.words)


def real_use(dataset: str) -> str:
    """Return the key under which the real pictures of a data set are listed."""
    return f"real {dataset}"


def compose_cells(targets: Sequence[Target], words: Words, seeds: int | None) -> Cells:
    """Compose the cells of the plan.

    Args:
        targets: Tables and figures.
        words: What the user and the scale say.
        seeds: How many trainings of each variant; None for as many as the plan says.

    Raises:
        ValueError: If a setting is not accepted.
    """
    wanted = _wanted(targets, seeds)
    cells = Cells()
    for dataset in _real(targets):
        cells.add(real_use(dataset), _real_cell(dataset, words))
    scores = _scores_monitor(words)
    lines = _lines(list(wanted.values()), words)
    composed = compose_all(lines)
    for (use, one), line, about in zip(wanted.items(), lines, composed, strict=True):
        for seed in range(one.seeds):
            cells.add(use, _training(one, line, about, seed, scores))
    return cells


@dataclass
class _Wanted:
    """A variant, and what all that show it want of it."""

    variant: Variant
    dataset: str
    is_timing: bool
    seeds: int = 0
    needs: frozenset[str] = frozenset()


def _wanted(targets: Iterable[Target], seeds: int | None) -> dict[str, _Wanted]:
    """Return every variant once, by its use."""
    wanted: dict[str, _Wanted] = {}
    for target in targets:
        for part in target.parts:
            for row in part.rows:
                for variant in row.variants:
                    one = _Wanted(variant, part.dataset, target.kind == "timing")
                    one = wanted.setdefault(use_of(variant), one)
                    one.seeds = max(one.seeds, seeds or row.seeds)
                    one.needs |= NEEDS[target.kind]
    return wanted


def _real(targets: Iterable[Target]) -> list[str]:
    """Return the data sets of which the real pictures are scored."""
    parts = [part for target in targets for part in target.parts]
    return [part.dataset for part in parts for row in part.rows if row.is_real]


def _training(
    wanted: _Wanted, line: Sequence[str], about: Composed, seed: int, scores: Mapping[str, Any]
) -> Cell:
    """Return the cell of a variant and a seed."""
    config, choices = about
    watched = {} if wanted.is_timing else {**config.get("monitor", {}), **scores}
    cell = Cell(
        name="",
        config={**config, "monitor": watched, "seed": seed},
        words=(*line, f"seed={seed}"),
        needs=wanted.needs,
        seed=seed,
        method=choices["method"],
        setting=choices["setting"],
        is_timing=wanted.is_timing,
    )
    return replace(cell, name=_name(cell, choices))


def _lines(wanted: Sequence[_Wanted], words: Words) -> list[tuple[str, ...]]:
    """Return the words of the command line of every variant, later ones overriding earlier."""
    published = _published_lengths([one.variant for one in wanted])
    return [
        (
            *one.variant.words,
            *words.replacing(one.dataset),
            *length(words.scale, updates, one.variant.words),
            *words.train,
        )
        for one, updates in zip(wanted, published, strict=True)
    ]


def _published_lengths(variants: Sequence[Variant]) -> list[int]:
    """Return how many updates each variant has in the paper."""
    experiments = [variant.words[:1] for variant in variants]
    different = list(dict.fromkeys(experiments))
    lengths = {
        words: config["total_steps"]
        for words, (config, _) in zip(different, compose_all(different), strict=True)
    }
    return [lengths[words] for words in experiments]


def _scores_monitor(words: Words) -> dict[str, Any]:
    """Return the monitor that finds the best checkpoint of each training."""
    ((config, _),) = compose_all([("monitor=[scores]", *words.monitor)])
    return {"scores": config["monitor"]["scores"]}


def _real_cell(dataset: str, words: Words) -> Cell:
    line = (f"dataset={dataset}", *words.of_dataset(dataset))
    ((config, _),) = compose_all([line])
    about = config["dataset"]
    return Cell(
        name=f"real_{dataset}-{digest({k: v for k, v in about.items() if k not in PLACES})}",
        config={"dataset": about},
        words=(*line, *words.evaluate),
        needs=frozenset({"scores"}),
        method="real",
        is_real=True,
    )


def _name(cell: Cell, choices: Mapping[str, str]) -> str:
    parts = [choices[group] for group in ("dataset", "architecture", "method", "setting")]
    first = ["timing"] if cell.is_timing else []  # Never shared: others run side by side.
    return "_".join([*first, *parts, f"s{cell.seed}"]) + f"-{identity(cell.config)}"


def _joined(known: Cell, other: Cell) -> Cell:
    """Return a cell that serves two uses: the same training, watched and measured for both."""
    config = known.config
    if not known.is_real:
        monitors = {**other.config.get("monitor", {}), **config.get("monitor", {})}
        config = {**config, "monitor": monitors}
    return replace(known, config=config, needs=known.needs | other.needs)
