"""Draw scores against updates, from the JSON files that sngan-eval wrote beside checkpoints.

python scripts/plot_scores.py RUN_FOLDER/checkpoints/*.json --output curve.png
"""

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sheets", nargs="+", type=Path, help="score files of one run")
    parser.add_argument("--output", required=True, type=Path, help="the PNG to write")
    options = parser.parse_args()
    sheets = sorted((json.loads(path.read_text()) for path in options.sheets), key=_step)
    draw(sheets, options.output)
    for sheet in sheets:
        for name, scores in sheet["protocols"].items():
            print(f"{sheet['step']:>8}  {name}  {scores['distance']:.2f}")


def draw(sheets: list[dict[str, Any]], output: Path) -> None:
    """Draw one line per protocol: the distance of every sheet, in the order given."""
    figure, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    steps = [sheet["step"] for sheet in sheets]
    for protocol in sheets[0]["protocols"]:
        distances = [sheet["protocols"][protocol]["distance"] for sheet in sheets]
        axes.plot(steps, distances, marker="o", markersize=3, label=f"protocol {protocol}")
    axes.set(xlabel="generator updates", ylabel=sheets[0]["names"]["distance"], ylim=(0, None))
    axes.set_xlim(0, None)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(output, dpi=150)


def _step(sheet: dict[str, Any]) -> int:
    return int(sheet["step"])


if __name__ == "__main__":
    main()
