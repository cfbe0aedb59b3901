"""What is said of a table's entries, once; and what is not there, in a line."""

from sngan.report.document import Entry, Line, Table
from sngan.report.footnotes import NOTHING, footnoted, without_gaps


def table(*rows):
    return Table(["Method", "A", "B"], [Line(list(row)) for row in rows])


def test_what_all_trainings_share_is_said_of_the_table():
    made = footnoted(
        table(
            [Entry("one"), Entry("1", "n = 2; scale cpu"), Entry("2", "n = 2; scale cpu")],
            [Entry("two", "not in the paper"), Entry("3", "n = 1; scale cpu"), NOTHING],
        )
    )
    assert made.notes == [
        ("", "All trainings: scale cpu."), ("a", "n = 2."), ("b", "not in the paper."),
        ("c", "n = 1."),
    ]  # fmt: skip
    assert [[entry.marks for entry in line.entries] for line in made.lines] == [
        ["", "a", "a"], ["b", "c", ""],
    ]  # fmt: skip
    assert all(not entry.note for line in made.lines for entry in line.entries)


def test_a_single_training_keeps_its_own_marks():
    made = footnoted(table([Entry("one"), Entry("1", "n = 2; scale cpu"), Entry("2")]))
    assert made.notes == [("a", "n = 2."), ("b", "scale cpu.")]
    assert made.lines[0].entries[1].marks == "a, b"


def test_rows_and_columns_without_anything_are_named_below():
    made = without_gaps(
        table([Entry("one"), NOTHING, Entry("2")], [Entry("two"), NOTHING, NOTHING])
    )
    assert made.columns == ["Method", "B"]
    assert [[entry.text for entry in line.entries] for line in made.lines] == [["one", "2"]]
    assert made.notes == [("", "Not run: two; A.")]


def test_a_table_without_gaps_stays():
    made = table([Entry("one"), Entry("1"), Entry("2")])
    kept = without_gaps(made)
    assert (kept.columns, kept.lines, kept.notes) == (made.columns, made.lines, [])
