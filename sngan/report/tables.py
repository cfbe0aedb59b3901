"""Tables of the paper, ours beside its."""

from collections.abc import Callable, Iterable, Sequence

from sngan.report.document import Block, Entry, Line, Table
from sngan.report.footnotes import NOTHING, without_gaps
from sngan.report.results import CellResult, Results, measure
from sngan.report.verdict import Verdict, judge
from sngan.reproduce.targets import SCORES, Part, Row, Target, Variant

TONES = {"within": "good", "outside": "bad", "diverged": "bad"}


def beside_the_paper(_target: Target, part: Part, results: Results) -> list[Block]:
    """Return a table for each score beside the paper's, and one for each further protocol."""
    if not any(_ended(row, part, results) for row in part.rows):
        return ["Not run."]
    blocks: list[Block] = [_comparison(name, part, results) for name in SCORES]
    others = [protocol for protocol in results.protocols if protocol != results.protocol]
    return [*blocks, *(_other_protocol(protocol, part, results) for protocol in others)]


def verdict_of(name: str, row: Row, part: Part, results: Results) -> Verdict:
    """Return how a score of a row compares with the paper's.

    Args:
        name: ``IS`` or ``FID``.
        row: Of the plan.
        part: Its part.
        results: Ours.
    """
    chosen = results.chosen(row, part)
    published = row.published.get(name)
    if chosen is None:
        return Verdict("diverged" if _diverged(row, part, results) else "not run")
    _, found = chosen
    ours = measure(found, name, results.protocol)
    verdict = judge(name, ours, published, not results.remarks(found, part.dataset))
    if verdict.difference is None:
        return verdict
    if any(result.state == "diverged" for result in found):
        return Verdict("diverged", verdict.difference)
    tried = _tried(row, part, results)
    if tried < len(row.variants):
        return Verdict(f"only {tried} of {len(row.variants)} settings", verdict.difference)
    return verdict


def _comparison(name: str, part: Part, results: Results) -> Table:
    """Return a table of one score; the paper's stand there only if some of ours compare with it."""
    is_compared = compares(name, part, results)
    columns = ["Method", "Setting", "Last checkpoint", "Best checkpoint"]
    if is_compared:
        columns += [f"Paper, {name}", "Difference", "Verdict"]
    rows = [row for row in part.rows if not row.quoted or (is_compared and name in row.published)]
    caption = f"{results.name_of(name)}, {part.title}, protocol {results.protocol}"
    lines = _lines(rows, lambda row: _compared(name, row, part, results)[: len(columns) - 1])
    return (
        Table(columns, lines, caption)
        if is_compared
        else without_gaps(Table(columns, lines, caption))
    )


def compares(name: str, part: Part, results: Results) -> bool:
    """Tell whether a score of any row compares with the paper's."""
    return any(
        name in row.published and not results.remarks(found, part.dataset)
        for row in part.rows
        if (found := _ended(row, part, results))
    )


def _ended(row: Row, part: Part, results: Results) -> list[CellResult]:
    """Return the trainings of a row that have come to an end, or the real pictures."""
    return [
        result
        for _, found in results.of_row(row, part)
        for result in found
        if result.state in ("finished", "diverged")
    ]


def _other_protocol(protocol: str, part: Part, results: Results) -> Table:
    def entries(row: Row) -> list[Entry]:
        variant, found = results.chosen(row, part) or (Variant("", ()), [])
        measured = [measure(found, name, protocol) for name in SCORES]
        notes = "; ".join(results.remarks(found, part.dataset, protocol))
        return [
            Entry(variant.label),
            *(NOTHING if one is None else Entry(str(one), notes) for one in measured),
        ]

    names = [results.name_of(name) for name in SCORES]
    rows = [row for row in part.rows if not row.quoted]
    caption = f"{part.title}, protocol {protocol}"
    return Table(["Method", "Setting", *names], _lines(rows, entries), caption)


def _lines(rows: Iterable[Row], entries: Callable[[Row], list[Entry]]) -> list[Line]:
    """Return a line for each row, below the headings of the paper's table."""
    lines, before = [], ""
    for row in rows:
        heading = row.section if row.section != before else ""
        before = row.section
        lines.append(Line([Entry(row.label, row.remark), *entries(row)], heading))
    return lines


def _compared(name: str, row: Row, part: Part, results: Results) -> list[Entry]:
    """Return setting, ours, the paper's and the verdict for one score of a row."""
    published = row.published.get(name)
    paper = NOTHING if published is None else Entry(published.said.replace("+-", "±"))
    if row.quoted:
        return [Entry(), Entry("quoted", row.quoted, "muted"), Entry(), paper, Entry(), Entry()]
    verdict = verdict_of(name, row, part, results)
    said = Entry(verdict.said, tone=TONES.get(verdict.said, "muted"))
    chosen = results.chosen(row, part)
    if chosen is None:
        ours = [said if _diverged(row, part, results) else NOTHING, NOTHING]
        return [Entry(), *ours, paper, Entry(), said]
    variant, found = chosen
    difference = Entry("" if verdict.difference is None else f"{verdict.difference:+.2f}")
    ours = [_ours(name, found, which, part, results) for which in ("last", "best")]
    return [_setting(variant, row, part, results), *ours, paper, difference, said]


def _ours(
    name: str, found: Sequence[CellResult], which: str, part: Part, results: Results
) -> Entry:
    """Return our score, with n and all that keeps it from being the paper's."""
    measured = measure(found, name, results.protocol, which)
    if measured is None:
        return NOTHING
    notes = [] if found[0].cell.is_real else [f"n = {len(measured.values)}"]
    notes += results.remarks(found, part.dataset)
    ends = [result.record.said.partition(":")[0] for result in found if result.state == "diverged"]
    notes += [f"{len(ends)} of {len(found)} diverged ({', '.join(ends)})"] if ends else []
    return Entry(str(measured), "; ".join(notes))


def _setting(variant: Variant, row: Row, part: Part, results: Results) -> Entry:
    if len(row.variants) < 2:
        return Entry(variant.label)
    return Entry(variant.label, f"best of {_tried(row, part, results)} of {len(row.variants)}")


def _tried(row: Row, part: Part, results: Results) -> int:
    """Return how many variants have a score, or diverged without one."""
    return sum(
        measure(found, "IS", results.protocol) is not None
        or any(result.state == "diverged" for result in found)
        for _, found in results.of_row(row, part)
    )


def _diverged(row: Row, part: Part, results: Results) -> bool:
    return any(
        result.state == "diverged" for _, found in results.of_row(row, part) for result in found
    )
