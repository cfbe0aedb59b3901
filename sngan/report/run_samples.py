"""Samples of runs, side by side."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from sngan.report.document import Entry, Line, Section, Table
from sngan.report.run_result import RunResult
from sngan.sampling.grid import COLUMNS, PADDING, pitch

MOST_GRIDS = 4
"""Of a single run: the last, the first, and some between."""
SHOWN = 5
"""Rows and columns of a grid where several runs are shown."""


def samples(runs: Sequence[RunResult]) -> tuple[Section, dict[str, bytes]]:
    """Return the newest grids side by side, of a single run also earlier ones; and the pictures."""
    found = _of_time(runs[0]) if len(runs) == 1 else _newest(runs)
    if not found:
        return Section("samples", "Samples", blocks=["No grid is made yet."]), {}
    pictures = {f"samples_{index}": content for index, (*_, content) in enumerate(found)}
    tone = "large" if len(runs) == 1 else ""
    entries = [
        Entry(f"samples of {label} after {step} updates", tone=tone, picture=name)
        for name, (label, step, _) in zip(pictures, found, strict=True)
    ]
    after = [f"after {step} updates" for _, step, _ in found]
    lines = [Line([Entry("Samples"), *entries])]
    if len(runs) > 1:
        lines.append(Line([Entry(), *map(Entry, after)]))
    table = Table(["", *(after if len(runs) == 1 else [label for label, *_ in found])], lines)
    which = "at one place of these grids" if len(runs) == 1 else "of one run"
    text = f"Pictures {which} are always of the same noise. Batch norm uses its running statistics."
    return Section("samples", "Samples", blocks=[table, text]), pictures


def _of_time(run: RunResult) -> list[tuple[str, str, bytes]]:
    """Return some grids of a run, whole."""
    paths = run.folder.grids
    count = min(MOST_GRIDS, len(paths))
    chosen = [paths[round(i * (len(paths) - 1) / max(count - 1, 1))] for i in range(count)]
    found = [(run.label, _step(path), _picture(path, COLUMNS)) for path in reversed(chosen)]
    return [(label, step, content) for label, step, content in found if content]


def _newest(runs: Sequence[RunResult]) -> list[tuple[str, str, bytes]]:
    """Return the first samples of the newest grid of each run that has a whole one."""
    found = []
    for run in runs:
        for path in reversed(run.folder.grids):
            if content := _picture(path, SHOWN):
                found.append((run.label, _step(path), content))
                break
    return found


def _step(grid: Path) -> str:
    return f"{int(grid.stem.removeprefix('step_')):,}"


def _picture(grid: Path, shown: int) -> bytes | None:
    """Return the first rows and columns of a grid as PNG; None if it cannot be read to its end."""
    buffer = io.BytesIO()
    try:
        with Image.open(grid) as picture:
            side = shown * pitch(picture.width) + PADDING
            size = min(side, picture.width), min(side, picture.height)
            picture.crop((0, 0, *size)).save(buffer, format="PNG", optimize=True)
    except (OSError, SyntaxError, ValueError):  # PIL's ways to say that it cannot.
        return None
    return buffer.getvalue()
