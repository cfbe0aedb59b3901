"""What a report says first: what came out, a drawing of it, and samples."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sngan.report.claims import Judged
from sngan.report.document import Figure, Section
from sngan.report.interval import FAILS, HOLDS, OPEN
from sngan.report.results import Results, measure
from sngan.report.robustness import Spread, spreads
from sngan.reproduce.targets import Part, Row, Target

OURS = "SN-GANs"
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven"}


def lead(
    judged: Sequence[Judged], targets: Sequence[Target], results: Results, *, is_the_paper_s: bool
) -> str:
    """Return what came out and with what it compares, in a sentence with the numbers of seeds.

    Args:
        judged: The claims.
        targets: The plan.
        results: Ours.
        is_the_paper_s: Whether networks, lengths and scores are the paper's.
    """
    counts = Counter(one.verdict for one in judged)
    words = {HOLDS: "hold", FAILS: "do not hold", OPEN: "cannot be told"}
    said = [
        f"{counts[verdict]} {verdict if counts[verdict] == 1 else plural}"
        for verdict, plural in words.items()
        if counts[verdict]
    ]
    of_all = f"of the paper's {NUMBERS.get(len(judged), len(judged))} claims "
    of_all += " and ".join([", ".join(said[:-1]), said[-1]] if said[:-1] else said)
    if counts[OPEN] == len(judged):
        of_all = "none of the paper's claims can be told"
    seeds = f" with {_seeds(results)}" if results.sheets else ""
    others = "those of the paper" if is_the_paper_s else "each other, not with the paper's"
    compared = f"these numbers compare with {others}" if results.sheets else ""
    text = "; ".join(filter(None, [_first(targets, results), f"{of_all}{seeds}", compared]))
    return f"{text[0].upper()}{text[1:]}."


def headline_part(targets: Sequence[Target], results: Results) -> tuple[Target, Part] | None:
    """Return the part whose bars and samples are shown first: Figure 1's, if any was run."""
    return next(
        (
            (target, part)
            for target in targets
            if target.kind == "bars"
            for part in target.parts
            if spreads(part, target.score, results)
        ),
        None,
    )


def without_headline(
    sections: Sequence[Section], chosen: tuple[Target, Part] | None
) -> tuple[Figure | None, list[Section]]:
    """Take the first drawing out of the sections, so that it is not shown twice.

    Args:
        sections: Of the tables and figures.
        chosen: See `headline_part`.
    """
    name = f"{chosen[0].key}_{chosen[1].key}" if chosen else ""
    figure, others = None, []
    for section in sections:
        blocks = list(section.blocks)
        for block in section.blocks:
            if isinstance(block, Figure) and block.name == name:
                figure = block
                blocks[blocks.index(block)] = "Drawn at the top of this page."
        others.append(replace(section, blocks=blocks))
    return figure, others


def strip(chosen: tuple[Target, Part] | None, results: Results) -> dict[str, tuple[str, Path]]:
    """Return a grid of samples of each method at its best setting: label and file by name."""
    found: dict[str, tuple[str, Path]] = {}
    if chosen is None:
        return {}
    _, part = chosen
    for row in sorted(part.rows, key=lambda row: row.label != OURS):
        best = results.chosen(row, part)
        if best and (path := best[1][0].samples) is not None:
            name = f"strip_{row.label.lower().replace(' ', '_').replace('-', '_')}"
            found[name] = (f"{row.label}, {best[0].label}", path)
    return found


def _first(targets: Sequence[Target], results: Results) -> str:
    """Return which method is first, and where spectral normalization is."""
    chosen = headline_part(targets, results)
    if chosen is None:
        return ""
    part = chosen[1]
    score = "FID" if spreads(part, "FID", results) else "IS"
    ranked = sorted(spreads(part, score, results), key=lambda one: one.bad[one.best])
    shown = {one.label: _said(one, part, score, results) for one in ranked}
    labels = list(shown)
    if len(labels) < 2:
        return ""
    text = (
        f"By {results.name_of(score)} on {part.title}, each method at the best of its settings, "
        f"{shown[labels[0]]} is first of {len(labels)}"
    )
    if OURS in labels[1:]:
        text += f", {shown[OURS]} {_ordinal(labels.index(OURS) + 1)}"
    return text


def _said(one: Spread, part: Part, score: str, results: Results) -> str:
    row: Row = next(row for row in part.rows if row.label == one.label)
    found = next(trained for v, trained in results.of_row(row, part) if v.label == one.best)
    measured = measure(found, score, results.protocol)
    count = 0 if measured is None else len(measured.values)
    return f"{one.label} ({measured}, {count} {'seed' if count == 1 else 'seeds'})"


def _seeds(results: Results) -> str:
    counts = [
        sum(bool(results.all[name].sheets) for name in names)
        for use, names in results.plan.cells.by_variant.items()
        if not use.startswith("real ")
    ]
    few, many = min(filter(None, counts), default=0), max(counts, default=0)
    said = str(many) if few == many else f"{few} to {many}"
    return f"{said} {'seed' if many == 1 else 'seeds'} of each training"


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
