"""Figures of the paper, drawn from ours, with their numbers in tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sngan.report import figures
from sngan.report.document import Block, Entry, Figure, Line, Table
from sngan.report.footnotes import NOTHING, without_gaps
from sngan.report.results import CellResult, Results, measure
from sngan.report.verdict import Measured
from sngan.reproduce.estimate import seconds_per_step
from sngan.reproduce.targets import Part, Row, Target

NOT_RUN: list[Block] = ["Not run."]


def bars(target: Target, part: Part, results: Results) -> list[Block]:
    """Return bars over settings, as in Figures 1 and 2."""
    values = _measured(target, part, results)
    labels = [variant.label for variant in part.rows[0].variants]
    run = [k for k in range(len(labels)) if any(entries[k] for entries in values.values())]
    if not run:
        return NOT_RUN
    heights = {
        label: [None if (one := entries[k]) is None else one.values for k in run]
        for label, entries in values.items()
        if any(entries)
    }
    better = "smaller" if target.score == "FID" else "larger"
    drawn = figures.at_widths(
        figures.bars,
        heights,
        [labels[k] for k in run],
        f"{results.name_of(target.score)}, {better} is better",
        note=_note(_results_of(part, results), part, results),
        is_log=_spans_decades(heights.values()),
    )
    figure = _figure(target, part, drawn, "Bars are means over seeds, dots the seeds.")
    return [figure, _numbers(["Method", *labels], values, part, results)]


def lines(target: Target, part: Part, results: Results) -> list[Block]:
    """Return curves over what the variants differ in, as in Figures 4 and 11."""
    values = _measured(target, part, results)
    if not any(any(entries) for entries in values.values()):
        return NOT_RUN
    labels = [variant.label for variant in part.rows[0].variants]
    curves: dict[str, figures.Curve] = {}
    for label, entries in values.items():
        points = [(float(x), one) for x, one in zip(labels, entries, strict=True) if one]
        spreads = [one.spread if len(one.values) > 1 else None for _, one in points]
        curves[label] = ([x for x, _ in points], [one.mean for _, one in points], spreads)
    y, note = results.name_of(target.score), _note(_results_of(part, results), part, results)
    drawn = figures.at_widths(figures.lines, curves, target.x, y, note=note)
    return [_figure(target, part, drawn), _numbers([target.x, *labels], values, part, results)]


def log(target: Target, part: Part, results: Results) -> list[Block]:
    """Return what the first seed of each row logged while it trained, as in Figures 9 and 15."""
    curves: dict[str, figures.Curve] = {}
    shown: set[str] = set()
    for row in part.rows:
        logs = next((result.log for result in _of_row(row, part, results) if result.log), ())
        for name in dict.fromkeys(line["name"] for line in logs):
            if name.startswith(part.values):
                shown.add(name)
                points = [line for line in logs if line["name"] == name]
                steps, values = ([point[key] for point in points] for key in ("step", "value"))
                curves[_curve_label(name, row, part)] = (steps, values, [None] * len(points))
    if not curves:
        return NOT_RUN
    scores = sorted(name for name in shown if name.startswith("score/"))
    changes = results.changes(_results_of(part, results), part.dataset)
    note = "; ".join([*scores, *changes])
    dashed = [label for label in curves if label.endswith("test")]
    about = (curves, "generator updates", part.y)
    drawn = figures.at_widths(figures.lines, *about, note=note, dashed=dashed)
    return [_figure(target, part, drawn, f"Curves: {', '.join(curves)}.")]


def timing(target: Target, part: Part, results: Results) -> list[Block]:
    """Return seconds for 100 updates, as in Figure 10."""
    seconds = {
        row.label: 100 * time
        for row in part.rows
        for result in _of_row(row, part, results)[:1]
        if (time := seconds_per_step(result.folder)) is not None
    }
    if not seconds:
        return NOT_RUN
    found = _results_of(part, results)
    machines = sorted({entry["device_name"] for one in found for entry in one.environments})
    note = "; ".join([*results.changes(found, part.dataset), *machines])
    base = seconds.get("Vanilla")
    table = Table(
        ["Method", "Seconds for 100 updates", "Times vanilla"],
        [
            Line(
                [
                    Entry(label),
                    Entry(f"{value:.2f}", note),
                    NOTHING if base is None else Entry(f"{value / base:.2f}"),
                ]
            )
            for label, value in seconds.items()
        ],
    )
    heights = {label: [[value]] for label, value in seconds.items()}
    drawn = figures.at_widths(figures.bars, heights, [part.title], "seconds", note=note)
    return [_figure(target, part, drawn), table]


def spectra(target: Target, part: Part, results: Results) -> list[Block]:
    """Return the singular values of each method at its best setting, as in Figure 3."""
    layers, names, notes = {}, [], []
    for row in part.rows:
        variant, found = results.chosen(row, part) or (None, [])
        if variant is not None and found[0].spectra:
            several = [layer for layer in found[0].spectra if len(layer["in_use"]) > 1]
            layers[row.label] = [layer["in_use"] for layer in several]
            names = [layer["name"] for layer in several]
            notes.append(f"{row.label} at setting {variant.label}")
    if not layers:
        return NOT_RUN
    figure = _figure(
        target, part, (figures.spectra(layers, names), ""), f"Layers: {', '.join(names)}."
    )
    changes = results.changes(_results_of(part, results), part.dataset)
    return [figure, f"{'; '.join([*notes, *changes])}."]


def samples(target: Target, part: Part, results: Results) -> list[Block]:
    """Return the first samples of each method under each setting, as in Figures 6 and 12."""
    there = grids(target, part, results)
    if not there:
        return NOT_RUN
    labels = [variant.label for variant in part.rows[0].variants]
    table = []
    for row in part.rows:
        names = {label: _picture(target, part, row, label) for label in labels}
        entries = [
            Entry(f"{row.label}, {label}", picture=name) if name in there else NOTHING
            for label, name in names.items()
        ]
        table.append(Line([Entry(row.label), *entries]))
    return [without_gaps(Table(["Method", *labels], table))]


def grids(target: Target, part: Part, results: Results) -> dict[str, Path]:
    """Return the last grid of the first seed of each variant, by name."""
    return {
        _picture(target, part, row, variant.label): found[0].samples
        for row in part.rows
        for variant, found in results.of_row(row, part)
        if found and found[0].samples is not None
    }


def _spans_decades(heights: Iterable[Sequence[Sequence[float] | None]]) -> bool:
    """Whether bars from zero would hide the small ones."""
    values = [value for entries in heights for entry in entries for value in entry or ()]
    return min(values) > 0 and max(values) > 20 * min(values)


def _figure(
    target: Target,
    part: Part,
    drawn: tuple[str, str],
    says: str = "Numbers: in the table below.",
) -> Figure:
    wide, narrow = drawn
    says = f"{target.title.partition(':')[0]}, {part.title}. {says}"
    return Figure(f"{target.key}_{part.key}", wide, says, narrow)


def _picture(target: Target, part: Part, row: Row, label: str) -> str:
    words = f"{target.key}_{part.key}_{row.label}_{label}".lower()
    return words.replace(" ", "_").replace("-", "_")


def _curve_label(name: str, row: Row, part: Part) -> str:
    """Return the end of a logged name that tells it from the others, behind the row's."""
    beginning = next(value for value in part.values if name.startswith(value))
    if len(part.rows) == 1:
        return name.removeprefix(beginning)
    return row.label if beginning.endswith("/") else f"{row.label}, {name.rpartition('/')[2]}"


def _numbers(
    columns: Sequence[str],
    values: dict[str, list[Measured | None]],
    part: Part,
    results: Results,
) -> Table:
    """Return what a figure shows as a table."""
    table = []
    for row in part.rows:
        entries = [Entry(row.label, row.remark)]
        for measured, (_, found) in zip(values[row.label], results.of_row(row, part), strict=True):
            diverged = sum(result.state == "diverged" for result in found)
            notes = [f"{diverged} diverged"] if diverged else []
            if measured is None:
                entries.append(Entry("diverged", tone="bad") if diverged else NOTHING)
            else:
                notes = [
                    f"n = {len(measured.values)}",
                    *results.remarks(found, part.dataset),
                    *notes,
                ]
                entries.append(Entry(str(measured), "; ".join(notes)))
        table.append(Line(entries))
    return without_gaps(Table(columns, table))


def _measured(target: Target, part: Part, results: Results) -> dict[str, list[Measured | None]]:
    """Return the score of every variant of every row."""
    return {
        row.label: [
            measure(found, target.score, results.protocol) for _, found in results.of_row(row, part)
        ]
        for row in part.rows
    }


def _of_row(row: Row, part: Part, results: Results) -> list[CellResult]:
    return [result for _, found in results.of_row(row, part) for result in found]


def _results_of(part: Part, results: Results) -> list[CellResult]:
    return [result for row in part.rows for result in _of_row(row, part, results)]


def _note(found: Sequence[CellResult], part: Part, results: Results) -> str:
    """Return all that keeps numbers from being the paper's."""
    return "; ".join(results.remarks(found, part.dataset))
