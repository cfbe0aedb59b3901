"""What a report is made of, before it is Markdown or HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """A cell of a table.

    Attributes:
        text: What it says.
        note: What must be said with it, in smaller letters.
        tone: ``good``, ``bad``, ``muted`` or nothing.
        picture: Name of a picture instead of a text.
        marks: Of the footnotes of its table that are about it.
    """

    text: str = ""
    note: str = ""
    tone: str = ""
    picture: str = ""
    marks: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a table.

    Attributes:
        entries: One per column.
        heading: A heading above the row; empty for none.
    """

    entries: Sequence[Entry]
    heading: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        columns: Headings.
        lines: Rows.
        caption: Above it.
        notes: Below it: marks and texts; without a mark, about the whole table.
        is_prose: Whether its entries are sentences, which stand below each other on a telephone.
    """

    columns: Sequence[str]
    lines: Sequence[Line]
    caption: str = ""
    notes: Sequence[tuple[str, str]] = ()
    is_prose: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing.

    Attributes:
        name: Of its file, without suffix.
        svg: The drawing.
        says: What it shows, for those who do not see it.
        narrow: The drawing for a narrow screen; empty if one serves all.
    """

    name: str
    svg: str
    says: str
    narrow: str = ""


@dataclass(frozen=True)
class Section:
    """A table or figure of the paper, or another part of the report.

    Attributes:
        key: For links.
        title: Heading.
        claim: What the paper says; empty for other parts.
        trust: How far its numbers are known.
        status: In a few words.
        blocks: Tables and drawings in order; a string is a paragraph.
        is_folded: Whether it is shown only when asked for.
    """

    key: str
    title: str
    claim: str = ""
    trust: str = ""
    status: str = ""
    blocks: Sequence[Table | Figure | str] = ()
    is_folded: bool = False


@dataclass(frozen=True)
class Report:
    """The whole.

    Attributes:
        title: Heading.
        facts: What was run: names and values; shown last.
        warning: What must be known before anything is read; empty if there is nothing.
        sections: In order.
        pictures: PNG files by name.
        lead: What came out, before all else.
        headline: The drawing that shows it.
        strip: Pictures below it, each with a text.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    warning: str
    sections: Sequence[Section]
    pictures: dict[str, bytes] = field(default_factory=dict)
    lead: str = ""
    headline: Figure | None = None
    strip: Sequence[Entry] = ()


Block = Table | Figure | str
"""What a section is made of; a string is a paragraph."""
