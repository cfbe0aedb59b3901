"""Which parts of the plan, and which of their cells, are asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sngan.reproduce.cell import Cells
from sngan.reproduce.targets import Part, Row, Target, key_of, key_of_real


@dataclass(frozen=True)
class Choice:
    """Methods and settings that are asked for.

    Attributes:
        methods: Names; none for all.
        settings: Likewise.
    """

    methods: frozenset[str] = frozenset()
    settings: frozenset[str] = frozenset()

    @classmethod
    def read(cls, methods: str, settings: str) -> "Choice":
        """Read names with commas between them."""
        return cls(frozenset(_listed(methods)), frozenset(_listed(settings)))

    def has_method(self, name: str) -> bool:
        """Tell whether a method is asked for."""
        return not self.methods or name in self.methods

    def allows(self, known: Mapping[str, str]) -> bool:
        """Tell whether what is known of a training is asked for, as far as it is known."""
        is_method = "method" not in known or self.has_method(known["method"])
        return is_method and (not self.settings or known.get("setting", "") in {*self.settings, ""})

    def is_known_to(self, cells: Cells) -> bool:
        """Tell whether every name is that of some cell."""
        every = cells.by_name.values()
        return self.methods <= {c.method for c in every} and self.settings <= {
            c.setting for c in every
        }


def select_parts(targets: Sequence[Target], only: Sequence[str]) -> list[tuple[Target, Part]]:
    """Return the parts of the plan that are asked for.

    Args:
        targets: The plan.
        only: ``table2`` or ``table2/cifar10``; nothing means everything of the paper.

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
        if (not names and not target.is_extra)
        or target.key in names
        or f"{target.key}/{part.key}" in names
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
                for name in cells.by_variant.get(use, ()):
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
    names = _listed(text)
    for name in sorted(names - known):
        raise ValueError(f"{option} must be one of {', '.join(sorted(known))}, got {name}")
    return names or known


def _listed(text: str) -> set[str]:
    return {name for name in text.split(",") if name}
