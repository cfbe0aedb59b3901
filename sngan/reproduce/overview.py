"""What ``sngan-reproduce`` prints of its cells."""

import sys
from collections import Counter
from collections.abc import Iterable

from sngan.reproduce.cell import Cell, Cells
from sngan.reproduce.estimate import Estimate
from sngan.reproduce.plan import Plan
from sngan.reproduce.progress import in_words
from sngan.reproduce.reproduction import STATES, Reproduction
from sngan.reproduce.selection import keys_of
from sngan.reproduce.targets import Part, Target


def print_list(
    folder: Reproduction, plan: Plan, cells: Cells, parts: Iterable[tuple[Target, Part]]
) -> None:
    """Print every variant of every row, how far it is and how long the rest will take."""
    estimate = Estimate(folder, plan.cells.by_name.values())
    states = {name: folder.state(c, plan.evaluation_key) for name, c in cells.by_name.items()}
    for target, part in parts:
        print(f"{target.key}/{part.key}: {target.title}; {part.title}")
        for row in part.rows:
            for label, use in keys_of(row, part):
                names = cells.by_variant.get(use, [])
                left = _left(folder, plan, estimate, (cells.by_name[name] for name in names))
                if names:
                    said = _counted(states[name] for name in names)
                    print(f"  {row.label:34} {label:5} {said:26} {left}".rstrip())
    print_summary(folder, plan, cells.by_name.values())


def print_summary(folder: Reproduction, plan: Plan, cells: Iterable[Cell]) -> None:
    """Print how many cells there are in each state, failures, and how long the rest will take."""
    cells = list(cells)
    states = {cell.name: folder.state(cell, plan.evaluation_key) for cell in cells}
    left = _left(folder, plan, Estimate(folder, plan.cells.by_name.values()), cells)
    count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
    said = f"{count} in {folder.path}: {_counted(states.values())}"
    print("; ".join(filter(None, [said, left])))
    for name, state in states.items():
        if state == "failed":
            print(f"failed: {folder.of_cell(name)}: {folder.record(name).failure}", file=sys.stderr)


def _counted(states: Iterable[str]) -> str:
    counts = Counter(states)
    return ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])


def _left(folder: Reproduction, plan: Plan, estimate: Estimate, cells: Iterable[Cell]) -> str:
    """Return how long what is left to do will take."""
    missing = [(cell, folder.missing(cell, plan.evaluation_key)) for cell in cells]
    hours = [estimate.hours(cell, left) for cell, left in missing if left]
    known = [value for value in hours if value is not None]
    said = [f"about {in_words(sum(known))} on one device"] if known else []
    if len(known) < len(hours):
        said.append(f"{len(hours) - len(known)} of unknown length")
    return ", ".join(said)
