"""Which parts of the plan, and which of their cells, are asked for."""

from collections.abc import Iterable, Sequence

from sngan.reproduce.cell import Cells
from sngan.reproduce.targets import Part, Row, Target, key_of, key_of_real


def select_parts(targets: Sequence[Target], only: Sequence[str]) -> list[tuple[Target, Part]]:
    """Return the parts of the plan that are asked for.

    Args:
        targets: The plan.
        only: ``table2`` or ``table2/cifar10``; nothing means everything.

    Raises:
        ValueError: If there is no such target or part, or it needs no training.
    """
    pairs = [(target, part) for target in targets for part in target.parts]
    drawn = [target.key for target in targets if not target.parts]
    names = [name for names in only for name in names.split(",")]
    known = {target.key for target, _ in pairs} | {f"{t.key}/{p.key}" for t, p in pairs}
    for name in names:
        if name in drawn:
            raise ValueError(f"--only {name}: there is nothing to train, sngan-report draws it")
        if name not in known:
            raise ValueError(f"--only must be one of {', '.join(sorted(known))}, got {name}")
    return [
        (target, part)
        for target, part in pairs
        if not names or target.key in names or f"{target.key}/{part.key}" in names
    ]


def select_cells(
    cells: Cells, parts: Iterable[tuple[Target, Part]], methods: str, settings: str
) -> Cells:
    """Return the cells of some parts that are asked for.

    Args:
        cells: All there are.
        parts: See `select_parts`.
        methods: Names with commas between them; empty for all.
        settings: Likewise; real pictures have none and belong to all.

    Raises:
        ValueError: If a name is unknown, or nothing is left.
    """
    everything = cells.by_name.values()
    wanted_methods = _names("--method", methods, {cell.method for cell in everything})
    wanted_settings = _names("--setting", settings, {cell.setting for cell in everything} - {""})
    chosen = Cells()
    for _, part in parts:
        for row in part.rows:
            for _, use in keys_of(row, part):
                for name in cells.by_variant[use]:
                    cell = cells.by_name[name]
                    if cell.method in wanted_methods and cell.setting in {*wanted_settings, ""}:
                        chosen.add(use, cell)
    if not chosen.by_name:
        raise ValueError(f"no cell of --only has --method {methods} and --setting {settings}")
    return chosen


def keys_of(row: Row, part: Part) -> list[tuple[str, str]]:
    """Return the label of each variant of a row, and the key of its cells in `Cells`."""
    if row.is_real:
        return [("", key_of_real(part.dataset))]
    return [(variant.label, key_of(variant)) for variant in row.variants]


def _names(option: str, text: str, known: set[str]) -> set[str]:
    names = {name for name in text.split(",") if name}
    for name in sorted(names - known):
        raise ValueError(f"{option} must be one of {', '.join(sorted(known))}, got {name}")
    return names or known
