"""Cells: the trainings and evaluations behind tables and figures, each there once."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sngan.identity import PLACES, digest, identity
from sngan.reproduce.composed import compose_all
from sngan.reproduce.plan import NEEDS, Target, Variant
from sngan.reproduce.words import Words, length

Uses = Mapping[str, Sequence[str]]
"""Cells by what asks for them: the words of a variant, or ``real`` and a data set."""


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


def compose_cells(targets: Iterable[Target], words: Words, seeds: int | None) -> Cells:
    """Compose the cells of the plan.

    Args:
        targets: Tables and figures.
        words: What the user and the scale say.
        seeds: How many trainings of each variant; None for as many as the plan says.

    Raises:
        ValueError: If a setting is not accepted.
    """
    wanted: dict[str, tuple[Variant, str, bool, int]] = {}
    needs: dict[str, frozenset[str]] = {}
    real: list[str] = []
    for target in targets:
        for part in target.parts:
            for row in part.rows:
                if row.is_real:
                    real.append(part.dataset)
                for variant in row.variants:
                    use = use_of(variant)
                    count = max(seeds or row.seeds, wanted[use][3] if use in wanted else 0)
                    wanted[use] = (variant, part.dataset, target.kind == "timing", count)
                    needs[use] = needs.get(use, frozenset()) | NEEDS[target.kind]
    cells = Cells()
    for dataset in real:
        cells.add(real_use(dataset), _real_cell(dataset, words))
    scores = _scores_monitor(words)
    lines = _lines([(variant, dataset) for variant, dataset, _, _ in wanted.values()], words)
    composed = compose_all(lines)
    for (use, (_, _, is_timing, count)), line, (config, choices) in zip(
        wanted.items(), lines, composed, strict=True
    ):
        if not is_timing:
            config["monitor"] = {**config.get("monitor", {}), **scores}
        for seed in range(count):
            cell = Cell(
                name="",
                config={**config, "seed": seed},
                words=(*line, f"seed={seed}"),
                needs=needs[use],
                seed=seed,
                method=choices["method"],
                setting=choices["setting"],
                is_timing=is_timing,
            )
            cells.add(use, replace(cell, name=_name(cell, choices)))
    return cells


def _lines(variants: Sequence[tuple[Variant, str]], words: Words) -> list[tuple[str, ...]]:
    """Return the words of the command line of every variant, later ones overriding earlier."""
    published = _published_lengths([variant for variant, _ in variants])
    return [
        (
            *variant.words,
            *words.replacing(dataset),
            *length(words.scale, updates, variant.words),
            *words.train,
        )
        for (variant, dataset), updates in zip(variants, published, strict=True)
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
