"""What is said of entries of a table, said once below it; and what is not there, in a line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase

from sngan.report.document import Entry, Line, Table

NOTHING = Entry("-", tone="muted")
PARTS = "; "
"""Between the remarks of a note."""


def footnoted(table: Table) -> Table:
    """Return a table whose remarks stand below it, each once.

    What all trainings have in common is said of the table.

    Args:
        table: Its notes stand in its entries.
    """
    entries = [entry for line in table.lines for entry in line.entries]
    common = _common([_remarks(entry) for entry in entries if entry.note])
    others = dict.fromkeys(
        remark for entry in entries for remark in _remarks(entry) if remark not in common
    )
    marks = {remark: _mark(number) for number, remark in enumerate(others)}
    lines = [
        replace(line, entries=[_marked(entry, marks) for entry in line.entries])
        for line in table.lines
    ]
    whole = [("", f"All trainings: {PARTS.join(common)}.")] if common else []
    notes = [*whole, *((mark, f"{remark}.") for remark, mark in marks.items()), *table.notes]
    return replace(table, lines=lines, notes=notes)


def without_gaps(table: Table) -> Table:
    """Return a table without rows and columns that hold nothing, which are named below it.

    Args:
        table: Of methods, by setting.
    """
    kept = [line for line in table.lines if not _is_empty(line.entries[1:])]
    columns = [
        k
        for k in range(len(table.columns))
        if k == 0 or not _is_empty([line.entries[k] for line in kept])
    ]
    gone = [line.entries[0].text for line in table.lines if line not in kept]
    without = [name for k, name in enumerate(table.columns) if k not in columns]
    lines = [Line([line.entries[k] for k in columns], line.heading) for line in kept]
    missing = "; ".join(", ".join(dict.fromkeys(names)) for names in (gone, without) if names)
    notes = [*table.notes, *([("", f"Not run: {missing}.")] if missing else [])]
    return replace(table, columns=[table.columns[k] for k in columns], lines=lines, notes=notes)


def _is_empty(entries: Sequence[Entry]) -> bool:
    return all(entry in (NOTHING, Entry()) for entry in entries)


def _common(said: Sequence[Sequence[str]]) -> list[str]:
    """Return the remarks of all entries that are of trainings: these have their number."""
    trained = [remarks for remarks in said if any(one.startswith("n = ") for one in remarks)]
    first = trained[0] if len(trained) > 1 else ()
    return [one for one in first if all(one in remarks for remarks in trained)]


def _mark(number: int) -> str:
    """Return a letter, for a figure beside a number is read as its power."""
    rounds, letter = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[letter] * (rounds + 1)


def _remarks(entry: Entry) -> list[str]:
    return entry.note.split(PARTS) if entry.note else []


def _marked(entry: Entry, marks: Mapping[str, str]) -> Entry:
    own = ", ".join(marks[remark] for remark in _remarks(entry) if remark in marks)
    return replace(entry, note="", marks=own)
