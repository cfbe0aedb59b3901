"""Scores as a table to be read, and under it what decides them, once for all that share it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Protocol

from sngan.extractor.base import Extractor
from sngan.scoring.scores import Scores
from sngan.system.layout import WHOLE_WORDS, columns


class Sheet(Protocol):
    """What is read of a score sheet, see `sngan.scoring.sheet.ScoreSheet`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def extractor(self) -> Extractor: ...  # noqa: D102
    @property
    def scores(self) -> Sequence[Scores]: ...  # noqa: D102
    @property
    def seed(self) -> int | None: ...  # noqa: D102
    @property
    def is_quantized(self) -> bool: ...  # noqa: D102
    @property
    def channels(self) -> int: ...  # noqa: D102
    @property
    def versions(self) -> dict[str, str]: ...  # noqa: D102


class Spread(Protocol):
    """What is read of a spread, see `sngan.scoring.seeds.Spread`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def protocol(self) -> str: ...  # noqa: D102
    @property
    def of(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def mean(self) -> float: ...  # noqa: D102
    @property
    def std(self) -> float: ...  # noqa: D102
    @property
    def interval_name(self) -> str: ...  # noqa: D102
    def interval(self) -> tuple[float, float]: ...  # noqa: D102


Entry = tuple[Sheet, Scores]
GAP = "  "


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes:
        label: What has these scores.
        cells: Scores by the names of their columns.
    """

    label: str
    cells: Mapping[str, str]


def score_names(extractor: Extractor) -> tuple[str, str]:
    """Return what score and distance are called: only one network's are IS and FID."""
    if extractor.is_fid_inception:
        return "Inception score", "FID"
    return f"{extractor.name} score", f"{extractor.name} distance"


def table(sheets: Sequence[Sheet], spreads: Sequence[Spread] = (), width: int | None = None) -> str:
    """Return all scores, a table for each set of things that decide them.

    Args:
        sheets: The scores.
        spreads: What several of them have in common.
        width: Columns there are; those of the terminal if None.
    """
    groups: dict[str, list[Entry]] = {}
    for sheet in sheets:
        for scores in sheet.scores:
            groups.setdefault(provenance(sheet, scores), []).append((sheet, scores))
    room = columns() if width is None else width
    blocks = [[*_group(entries, said, spreads, room)] for said, entries in groups.items()]
    return "\n\n".join("\n".join(block) for block in blocks)


def provenance(sheet: Sheet, scores: Scores) -> str:
    """Return everything that decides scores, but what they are of."""
    protocol, names = scores.protocol, score_names(sheet.extractor)
    bits: str = "8-bit" if sheet.is_quantized else protocol.quantization
    bits += ", grey as three equal channels" if sheet.channels == 1 else ""
    alone = f"{protocol.num_generated:,} samples ({bits})"
    compared = f"{protocol.num_generated_fid:,} samples ({bits}), {_real(scores)}"
    sides: dict[str, list[str]] = {}
    if scores.score_mean is not None:
        sides.setdefault(f"{alone} in {protocol.splits} splits", []).append(names[0])
    if scores.distance is not None:
        sides.setdefault(compared, []).append(names[1])
    for name, found in scores.more.items():
        said = f"{name} ({found.settings})" if found.settings else name
        sides.setdefault(compared if found.is_compared else alone, []).append(said)
    parts = [f"{', '.join(of)}: {which}" for which, of in sides.items()]
    return " | ".join([f"protocol {protocol.name}", *parts, *_origin(sheet)])


def _origin(sheet: Sheet) -> Iterator[str]:
    """Yield how features were made, whatever the extractor has to say of it."""
    of_extractor = {
        key: str(value)[:8] if key == "sha256" else value
        for key, value in sheet.extractor.provenance.items()
        if key != "weights"
    }
    said = "".join(f" {key} {value}" for key, value in of_extractor.items())
    yield f"{sheet.extractor.name}{said} float32"
    if sheet.seed is not None:
        yield f"seed {sheet.seed}"
    yield " ".join(f"{key} {sheet.versions[key]}" for key in ("sngan", "torch"))


def _real(scores: Scores) -> str:
    count = "?" if scores.num_real is None else f"{scores.num_real:,}"
    mismatch = f" NOT COMPARABLE: {'; '.join(scores.mismatches)}" if scores.mismatches else ""
    return f"{count} real of {scores.real}{mismatch}"


def _group(
    entries: Sequence[Entry], said: str, spreads: Sequence[Spread], width: int
) -> Iterator[str]:
    """Yield the lines of one table, of what decides it, and of what its reader should know."""
    protocol = entries[0][1].protocol.name
    ours = [spread for spread in spreads if spread.protocol == protocol]
    yield from _lines([*_rows(entries, ours)], width)
    yield from wrap(said, width, initial_indent=GAP, subsequent_indent=GAP, **WHOLE_WORDS)
    warnings: dict[str, list[str]] = {}
    for sheet, scores in entries:
        for warning in scores.warnings:
            warnings.setdefault(warning, []).append(sheet.name)
    for warning, names in warnings.items():
        of = "" if len(names) == len(entries) else f"{'; '.join(names)}: "
        note = f"note: {of}{warning}"
        yield from wrap(note, width, initial_indent=GAP, subsequent_indent=GAP * 2, **WHOLE_WORDS)


def _rows(entries: Sequence[Entry], spreads: Sequence[Spread]) -> Iterator[Row]:
    """Yield a row for each set of pictures, and two behind trainings that have a spread."""
    left = [Row(sheet.name, _cells(sheet, scores)) for sheet, scores in entries]
    kinds: dict[tuple[str, ...], list[Spread]] = {}
    for spread in spreads:
        if set(spread.of) <= {row.label for row in left}:
            kinds.setdefault(spread.of, []).append(spread)
    for of, found in kinds.items():
        yield from (row for row in left if row.label in of)
        left = [row for row in left if row.label not in of]
        means = {spread.name: f"{spread.mean:.5g} +- {spread.std:.5g}" for spread in found}
        yield Row(f"{GAP}over {len(of)} trainings (sample std)", means)
        intervals = {spread.name: "{:.5g} to {:.5g}".format(*spread.interval()) for spread in found}
        yield Row(f"{GAP}{found[0].interval_name}", intervals)
    yield from left


def _cells(sheet: Sheet, scores: Scores) -> dict[str, str]:
    score_name, distance_name = score_names(sheet.extractor)
    cells = {}
    if scores.score_mean is not None:
        cells[score_name] = f"{scores.score_mean:.3f} +- {scores.score_std:.3f}"
    if scores.distance is not None:
        cells[distance_name] = f"{scores.distance:.3f}"
    return cells | {
        name: f"{scores.more[metric].values[key]:.5g}"
        for (metric, key), name in scores.names_of_more().items()
    }


def _lines(rows: Sequence[Row], width: int) -> Iterator[str]:
    """Yield a table; headings, columns and labels that do not fit go on below."""
    names = list(dict.fromkeys(name for row in rows for name in row.cells))
    margin = max(len(row.label) for row in rows)
    heads = {name: [name] for name in names}
    wide = _widths(rows, heads)
    if margin + sum(wide.values()) + len(GAP) * len(wide) > width:
        heads = {name: name.rsplit(" ", 1) for name in names}
        wide = _widths(rows, heads)
    is_below = margin + len(GAP) + max(wide.values(), default=0) > width
    if is_below:
        margin = len(GAP)
    while names:
        here = [names.pop(0)]
        while names and margin + sum(wide[n] + 2 for n in (*here, names[0])) <= width:
            here.append(names.pop(0))
        for above in reversed(range(max(len(heads[name]) for name in here))):
            words = {name: "".join(heads[name][::-1][above : above + 1]) for name in here}
            line = "".join(f"{GAP}{word:>{wide[name]}}" for name, word in words.items())
            yield f"{' ' * margin}{line}".rstrip()
        for row in rows:
            values = "".join(f"{GAP}{row.cells.get(name, ''):>{wide[name]}}" for name in here)
            if is_below:
                yield from wrap(row.label, width, subsequent_indent=GAP, **WHOLE_WORDS) or [""]
            yield ("" if is_below else row.label).ljust(margin) + values


def _widths(rows: Sequence[Row], heads: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return how wide each column is."""
    return {
        name: max(map(len, (*lines, *(row.cells.get(name, "") for row in rows))))
        for name, lines in heads.items()
    }
