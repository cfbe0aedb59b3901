"""The cells that some tables and figures need, composed from their words; each is there once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sngan.reproduce.cell import Cell, Cells
from sngan.reproduce.composed import Composed, compose_all
from sngan.reproduce.overrides import Overrides, length
from sngan.reproduce.targets import NEEDS, Target, Variant, key_of, key_of_real
from sngan.run_folder.identity import PLACES, digest, identity


def compose_cells(targets: Sequence[Target], words: Overrides, seeds: int | None) -> Cells:
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
        cells.add(key_of_real(dataset), _real_cell(dataset, words))
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
                    one = wanted.setdefault(key_of(variant), one)
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


def _lines(wanted: Sequence[_Wanted], words: Overrides) -> list[tuple[str, ...]]:
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


def _scores_monitor(words: Overrides) -> dict[str, Any]:
    """Return the monitor that finds the best checkpoint of each training."""
    ((config, _),) = compose_all([("monitor=[scores]", *words.monitor)])
    return {"scores": config["monitor"]["scores"]}


def _real_cell(dataset: str, words: Overrides) -> Cell:
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
