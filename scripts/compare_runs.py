"""Compare finished runs: a Markdown table, and a picture with some samples of each.

The columns are what the runs' folders hold: distances by sngan-eval, speed by the training itself,
stable ranks of the convolutions by sngan-analyze.

python scripts/compare_runs.py RUN_FOLDER ... --samples samples.png
"""

import argparse
import json
from pathlib import Path
from statistics import median

from PIL import Image, ImageDraw

from sngan.sampling.grid import pitch

ROWS = 2  # Of each run's grid that the picture shows.
LABEL_WIDTH = 110


def main() -> None:
    """Print the table and write the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", nargs="+", type=Path, help="run folders")
    parser.add_argument("--samples", type=Path, help="write a PNG with samples of each run")
    options = parser.parse_args()
    print(table(options.runs))
    if options.samples:
        samples(options.runs).save(options.samples)


def table(runs: list[Path]) -> str:
    """Return one line per run: distance at each scored step, speed, shape of the spectra."""
    distances = {run: _distances(run) for run in runs}
    steps = sorted({step for found in distances.values() for step in found})
    head = ["run", *(f"{step:,} updates" for step in steps), "ms per update", "stable ranks"]
    lines = [head, ["---"] + ["---:"] * (len(steps) + 1) + ["---"]]
    for run in runs:
        cells = [f"{distances[run][step]:.1f}" if step in distances[run] else "-" for step in steps]
        lines.append([run.name, *cells, f"{_milliseconds(run):.0f}", _stable_ranks(run)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def samples(runs: list[Path]) -> Image.Image:
    """Return the first rows of each run's last grid, one run below the other, with names."""
    grids = [Image.open(sorted((run / "samples").glob("*.png"))[-1]) for run in runs]
    height = ROWS * pitch(grids[0].width)
    sheet = Image.new("RGB", (LABEL_WIDTH + grids[0].width, height * len(runs)), "white")
    draw = ImageDraw.Draw(sheet)
    for index, (run, grid) in enumerate(zip(runs, grids, strict=True)):
        sheet.paste(grid.crop((0, 0, grid.width, height)), (LABEL_WIDTH, index * height))
        draw.text((4, index * height + height // 2 - 6), run.name, fill="black")
    return sheet


def _distances(run: Path) -> dict[int, float]:
    """Return the distance by step; a run scored under several protocols gives the first one's."""
    sheets = [json.loads(path.read_text()) for path in sorted(run.glob("checkpoints/*.*.*.json"))]
    return {sheet["step"]: next(iter(sheet["protocols"].values()))["distance"] for sheet in sheets}


def _milliseconds(run: Path) -> float:
    lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    speeds = [x["value"] for x in lines if x["name"] == "speed/steps_per_second"]
    return 1000 / median(speeds)


def _stable_ranks(run: Path) -> str:
    found = sorted(run.glob("checkpoints/*.spectra.json"))
    layers = json.loads(found[-1].read_text())["layers"] if found else []
    return " ".join(f"{layer['stable_rank']:.1f}" for layer in layers if min(layer["shape"]) > 1)


if __name__ == "__main__":
    main()
