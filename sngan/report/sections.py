"""Sections of a report, one for each table and figure of the paper."""

from collections.abc import Callable
from pathlib import Path

from sngan.report import drawings, tables
from sngan.report.document import Block, Figure, Section, Table
from sngan.report.figures import admitted_spectra
from sngan.report.footnotes import footnoted
from sngan.report.results import Results
from sngan.report.verdict import Verdict
from sngan.reproduce.targets import Part, Target

CHOICE = (
    "Of several settings, that with the highest mean score at the last checkpoint is shown, for "
    "the paper seems to choose by Inception score. The last checkpoint is compared with the paper; "
    "the best is that with the smallest distance while training, measured on fewer samples."
)


NOT_RUN = "not run"
"""What a status is of which there is nothing."""


def section(target: Target, results: Results) -> Section:
    """Return the section of a table or figure, whatever there is of it."""
    blocks: list[Block] = []
    shown = [(part, BLOCKS[target.kind](target, part, results)) for part in target.parts]
    run = [(part, found) for part, found in shown if found != drawings.NOT_RUN]
    for part, found in run:
        if len(run) > 1:
            blocks.append(f"**{part.title}**")
        blocks += [footnoted(one) if isinstance(one, Table) else one for one in found]
    missing = [part.title for part, found in shown if found == drawings.NOT_RUN]
    if missing:
        blocks.append(f"Not run: {', '.join(missing)}.")
    if target.kind == "drawing":
        says = "Random spectra of 50 values under either constraint."
        blocks.append(Figure(target.key, admitted_spectra(), says))
    return Section(
        key=target.key,
        title=title_of(target, results),
        claim=target.claim,
        trust=target.trust,
        status=status(target, results),
        blocks=blocks,
    )


def title_of(target: Target, results: Results) -> str:
    """Return the title, in which scores of another network are not called those of the field."""
    if all(sheet.is_of_the_field for sheet in results.sheets):
        return target.title
    number, mark, text = target.title.partition(": ")
    text = text.replace("FIDs", "distances").replace("Inception score", "score")
    return f"{number}{mark}{text}"


def status(target: Target, results: Results) -> str:
    """Return how many of a target's configurations there are, in a few words."""
    rows = [(row, part) for part in target.parts for row in part.rows if not row.quoted]
    if not rows:
        return "drawn"
    variants = [pair for row, part in rows for pair in results.of_row(row, part)]
    ended = sum(
        any(result.state in ("finished", "diverged") for result in found) for _, found in variants
    )
    return f"{ended} of {len(variants)} configurations" if ended else NOT_RUN


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
