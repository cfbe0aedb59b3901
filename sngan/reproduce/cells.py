"""The cells that some tables and figures need, composed from their words; each is there once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sngan.assembly.words import parse
from sngan.reproduce.cell import Cell, Cells
from sngan.reproduce.composed import Composed, compose_all
from sngan.reproduce.overrides import Overrides, length
from sngan.reproduce.selection import Choice
from sngan.reproduce.targets import NEEDS, Part, Target, Variant, key_of, key_of_real
from sngan.run_folder.identity import PLACES, digest, identity

Compose = Callable[[Iterable[Sequence[str]]], Iterator[Composed]]
"""See `sngan.reproduce.composed.compose_all`."""
Parts = Sequence[tuple[Target, Part]]
"""Parts of the plan, each with its table or figure."""


def compose_cells(
    targets: Sequence[Target],
    words: Overrides,
    seeds: int | None,
    only: Parts | None = None,
    config_dir: Path | None = None,
    choice: Choice | None = None,
) -> Cells:
    """Compose the cells of the plan, or of some of its parts.

    A training that several parts show is one cell. What is measured of it later can be measured
    when another part asks for it; what is watched while it trains cannot. So parts that watch are
    composed beside those asked for of the same data set.

    Args:
        targets: Tables and figures, all of them.
        words: What the user and the scale say.
        seeds: How many trainings of each variant; None for as many as the plan says.
        only: The parts asked for; None for all.
        config_dir: A folder with config groups of the user's own.
        choice: Methods and settings asked for; others need not be composed. None for all.

    Raises:
        ValueError: If a setting is not accepted.
    """
    compose = partial(compose_all, config_dir=config_dir)
    parts = _with_company([(target, part) for target in targets for part in target.parts], only)
    wanted = _chosen(_wanted(parts, seeds), choice or Choice(), compose)
    cells = Cells()
    for dataset in _real(parts) if choice is None or choice.has_method("real") else ():
        cells.add(key_of_real(dataset), _real_cell(dataset, words, compose))
    scores = _scores_monitor(words, compose) if wanted else {}
    lines = _lines(list(wanted.values()), words, compose)
    for (key, one), line, about in zip(wanted.items(), lines, compose(lines), strict=True):
        for seed in range(one.seeds):
            cells.add(key, _training(one, line, about, seed, scores))
    return cells


@dataclass
class _Wanted:
    """A variant, and what all that show it want of it."""

    variant: Variant
    dataset: str
    is_timing: bool
    seeds: int = 0
    needs: frozenset[str] = frozenset()


def _with_company(everything: Parts, only: Parts | None) -> Parts:
    """Return the parts asked for, and those that watch what may be the same trainings."""
    if only is None:
        return everything
    datasets = {part.dataset for _, part in only}
    asked = {(target.key, part.key) for target, part in only}
    return [
        (target, part)
        for target, part in everything
        if (target.key, part.key) in asked or (target.kind == "log" and part.dataset in datasets)
    ]


def _wanted(parts: Parts, seeds: int | None) -> dict[str, _Wanted]:
    """Return every variant once, by its key."""
    wanted: dict[str, _Wanted] = {}
    for target, part in parts:
        for row in part.rows:
            for variant in row.variants:
                one = _Wanted(variant, part.dataset, target.kind == "timing")
                one = wanted.setdefault(key_of(variant), one)
                one.seeds = max(one.seeds, seeds or row.seeds)
                one.needs |= NEEDS[target.kind]
    return wanted


def _chosen(wanted: dict[str, _Wanted], choice: Choice, compose: Compose) -> dict[str, _Wanted]:
    """Return the variants of some methods and settings, composing no more than experiments.

    What the words of a variant do not say, its experiment does.
    """
    if choice == Choice():
        return wanted
    left = {
        key: (one, said)
        for key, one in wanted.items()
        if choice.allows(said := _said(one.variant.words))
    }
    experiments = list(dict.fromkeys(one.variant.words[:1] for one, _ in left.values()))
    of_them = dict(zip(experiments, (choices for _, choices in compose(experiments)), strict=True))
    return {
        key: one
        for key, (one, said) in left.items()
        if choice.allows({**of_them[one.variant.words[:1]], **said})
    }


def _said(words: Sequence[str]) -> dict[str, str]:
    """Return the method and the setting that words name."""
    return {word.key: str(word.value) for word in parse(words) if word.key in ("method", "setting")}


def _real(parts: Parts) -> list[str]:
    """Return the data sets of which the real pictures are scored."""
    return [part.dataset for _, part in parts for row in part.rows if row.is_real]


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


def _lines(wanted: Sequence[_Wanted], words: Overrides, compose: Compose) -> list[tuple[str, ...]]:
    """Return the words of the command line of every variant, later ones overriding earlier."""
    published = _published_lengths([one.variant for one in wanted], compose)
    return [
        (
            *one.variant.words,
            *words.replacing(one.dataset),
            *length(words.scale, updates, one.variant.words),
            *words.train,
        )
        for one, updates in zip(wanted, published, strict=True)
    ]


def _published_lengths(variants: Sequence[Variant], compose: Compose) -> list[int]:
    """Return how many updates each variant has in the paper."""
    experiments = [variant.words[:1] for variant in variants]
    different = list(dict.fromkeys(experiments))
    lengths = {
        words: config["total_steps"]
        for words, (config, _) in zip(different, compose(different), strict=True)
    }
    return [lengths[words] for words in experiments]


def _scores_monitor(words: Overrides, compose: Compose) -> dict[str, Any]:
    """Return the monitor that finds the best checkpoint of each training."""
    ((config, _),) = compose([("monitor=[scores]", *words.monitor)])
    return {"scores": config["monitor"]["scores"]}


def _real_cell(dataset: str, words: Overrides, compose: Compose) -> Cell:
    line = (f"dataset={dataset}", *words.of_dataset(dataset))
    ((config, _),) = compose([line])
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
