"""Sections of a report, one for each table and figure of the paper."""

from collections.abc import Callable
from pathlib import Path

from sngan.report import drawings, tables
from sngan.report.document import Block, Figure, Section
from sngan.report.figures import admitted_spectra
from sngan.report.results import Results
from sngan.report.verdict import Verdict
from sngan.reproduce.targets import Part, Target

CHOICE = (
    "Of several settings, that with the highest mean score at the last checkpoint is shown, for "
    "the paper seems to choose by Inception score. The last checkpoint is compared with the paper; "
    "the best is that with the smallest distance while training, measured on fewer samples."
)


def section(target: Target, results: Results) -> Section:
    """Return the section of a table or figure, whatever there is of it."""
    blocks: list[Block] = []
    for part in target.parts:
        if len(target.parts) > 1:
            blocks.append(f"**{part.title}**")
        blocks += BLOCKS[target.kind](target, part, results)
    if target.kind == "drawing":
        says = "Random spectra of 50 values under either constraint."
        blocks.append(Figure(target.key, admitted_spectra(), says))
    return Section(
        key=target.key,
        title=target.title,
        claim=target.claim,
        trust=target.trust,
        status=status(target, results),
        blocks=blocks,
    )


def status(target: Target, results: Results) -> str:
    """Return how many of a target's configurations there are, in a few words."""
    rows = [(row, part) for part in target.parts for row in part.rows if not row.quoted]
    if not rows:
        return "drawn"
    variants = [pair for row, part in rows for pair in results.of_row(row, part)]
    ended = sum(
        any(result.state in ("finished", "diverged") for result in found) for _, found in variants
    )
    return f"{ended} of {len(variants)} configurations" if ended else "not run"


def verdicts(target: Target, results: Results) -> list[Verdict]:
    """Return the verdicts of a table; none of a figure."""
    return [
        tables.verdict_of(name, row, part, results)
        for part in target.parts
        for row in part.rows
        for name in row.published
        if target.kind == "table" and not row.quoted
    ]


def grids(target: Target, results: Results) -> dict[str, Path]:
    """Return the grids of samples that a target shows, by name."""
    if target.kind != "samples":
        return {}
    parts = [drawings.grids(target, part, results) for part in target.parts]
    return {name: path for there in parts for name, path in there.items()}


BLOCKS: dict[str, Callable[[Target, Part, Results], list[Block]]] = {
    "table": tables.beside_the_paper,
    "bars": drawings.bars,
    "lines": drawings.lines,
    "log": drawings.log,
    "timing": drawings.timing,
    "spectra": drawings.spectra,
    "samples": drawings.samples,
}
