"""The page's table and picture of Lipschitz bounds, from reproduction folders or run folders.

python -m scripts.lipschitz FOLDER ... --pictures 64 --out DIR [dataset.KEY=VALUE ...]

Every finished training of a reproduction counts, by method and setting; several seeds become a
range. Nothing is written into the folders.
"""

import argparse
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sngan.analysis.layers import Analysis
from sngan.assembly.trained import read_analysis
from sngan.system.files import read_json, write_json

HEADS = ("trainings", "largest matrix norm", "largest operator norm", "if matrices were the maps",
    "at most", "at least, found", "real pairs as they are")  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What one training's discriminator has.

    Attributes:
        name: Method and setting, or the name of the run's folder.
        numbers: By the words of `HEADS` without the first; infinity where no bound is known.
        layers: The norms of every layer, as a matrix and as the map it is.
    """

    name: str
    numbers: Mapping[str, float]
    layers: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, name: str, analysis: Analysis) -> "Found":
        """Take the numbers from an analysis.

        Raises:
            ValueError: If the bounds contradict each other.
        """
        upper = analysis.lipschitz_bounds.get("operators", math.inf)
        below = analysis.lower_bounds
        lower = max(below.values())
        if lower > upper * (1 + 1e-6):
            raise ValueError(f"{name}: at least {lower} is above at most {upper}")
        layers = {
            layer.name: (layer.in_use[0], analysis.operator_norms[layer.name])
            for layer in analysis.spectra
        }
        matrix, operator = (max(norms) for norms in zip(*layers.values(), strict=True))
        as_matrices = analysis.lipschitz_bounds.get("matrices", math.inf)
        values = (matrix, operator, as_matrices, upper, lower, below["real"])
        return cls(name, dict(zip(HEADS[1:], values, strict=True)), layers)


def main() -> None:
    """Analyze, print the table, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("arguments", nargs="+", metavar="FOLDER | dataset.KEY=VALUE")
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_intermixed_args()
    words = [word for word in options.arguments if "=" in word]
    folders = [Path(word) for word in options.arguments if "=" not in word]
    found = []
    for name, run in _trainings(folders):
        found.append(Found.of(name, read_analysis(run, (), options.pictures, words)))
        print(f"{run.name}: {dict(found[-1].numbers)}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    print(table(found))
    write_json(options.out / "lipschitz.json", {"trainings": [vars(one) for one in found]})
    draw(found, options.out / "lipschitz.png")


def _trainings(folders: Iterable[Path]) -> Iterable[tuple[str, Path]]:
    """Yield what each finished training is called, and its run folder."""
    for folder in folders:
        plan = read_json(folder / "plan.json", dict)
        if plan is None:
            yield folder.name, folder
            continue
        for name, cell in plan["cells"].items():
            place = folder / "cells" / name
            ended = (read_json(place / "cell.json", dict) or {}).get("ended")
            if ended == "finished" and not cell["is_real"] and not cell["is_timing"]:
                yield f"{cell['method']} {cell['setting']}", place


def table(found: Sequence[Found]) -> str:
    """Return a Markdown table, a line per method and setting."""
    lines = [f"| | {' | '.join(HEADS)} |", "| --- |" + " ---: |" * len(HEADS)]
    for name, group in _by_name(found).items():
        cells = [_range([one.numbers[head] for one in group]) for head in HEADS[1:]]
        lines.append(f"| `{name}` | {len(group)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _by_name(found: Sequence[Found]) -> dict[str, list[Found]]:
    groups: dict[str, list[Found]] = {}
    for one in found:
        groups.setdefault(one.name, []).append(one)
    return groups


def _range(values: Sequence[float]) -> str:
    """Return one number, or the smallest and the largest, to three digits."""
    if not all(map(math.isfinite, values)):
        return "none"
    ends = dict.fromkeys(f"{value:.3g}" for value in (min(values), max(values)))
    return " to ".join(ends)


def draw(found: Sequence[Found], path: Path) -> None:
    """Draw norms of all layers, and both bounds, of every method and setting.

    Args:
        found: At least one.
        path: The PNG.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    groups = _by_name(found)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 1.5 + 0.3 * len(groups)))
    for place, group in enumerate(groups.values()):
        for one in group:
            matrix, operator = zip(*one.layers.values(), strict=True)
            left.plot(matrix, [place - 0.12] * len(matrix), "o", color="tab:blue", ms=4, alpha=0.6)
            left.plot(operator, [place + 0.12] * len(matrix), "d", color="tab:orange", ms=4)
            numbers = one.numbers
            right.plot(numbers["at least, found"], place, "^", color="tab:green", ms=6)
            right.plot(numbers["if matrices were the maps"], place, "o", color="tab:blue", ms=5)
            right.plot(numbers["at most"], place, "d", color="tab:orange", ms=6)
    for axis, title in ((left, "norm of each layer"), (right, "Lipschitz constant of D")):
        axis.set(xscale="log", title=title, ylim=(len(groups) - 0.5, -0.5))
        axis.axvline(1, color="grey", lw=0.8)
        axis.set_yticks(range(len(groups)), list(groups) if axis is left else [], fontsize=8)
    kinds = {
        "as matrix; product of matrices": ("o", "tab:blue"),
        "as operator; product of operators, at most": ("d", "tab:orange"),
        "at least, by ascent": ("^", "tab:green"),
    }
    marks = [
        pyplot.Line2D([], [], ls="", marker=mark, color=color, label=label)
        for label, (mark, color) in kinds.items()
    ]
    figure.legend(handles=marks, loc="lower center", ncols=3, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.5 / figure.get_figheight(), 1, 1))
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
