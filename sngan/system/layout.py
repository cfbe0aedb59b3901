"""Text in as many columns as there are."""

import re
import shutil
from itertools import groupby
from textwrap import wrap
from typing import Any

GAP = re.compile(r"(\S)(?: {2,})(\S.*)$")
"""Between a command and what it does, or a setting and its comment."""
LESS = 6
"""Columns by which what goes on in a next line is further right."""


WHOLE_WORDS: Any = {"break_long_words": False, "break_on_hyphens": False}


def columns() -> int:
    """Return how wide the terminal is; a page where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def fitted(text: str, width: int, indent: str = "") -> str:
    """Return a text whose lines are cut where they are too long.

    A line in two columns becomes two lines, and a paragraph is filled anew; other lines go on in
    the next one, further right.

    Args:
        text: Lines.
        width: Columns there are.
        indent: Before each line.
    """
    room = max(width - len(indent), 20)
    lines = []
    for prose, block in groupby(text.splitlines(), _is_prose):
        some = [*block]
        if max(map(len, some)) <= room:
            lines += some
        elif prose:
            lines += wrap(" ".join(some), room, **WHOLE_WORDS)
        else:
            lines += [part for line in some for part in _fitted(line, room)]
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def _fitted(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    margin = line[: len(line) - len(line.lstrip())]
    more = margin + " " * LESS
    found = GAP.search(line)
    if found is None:
        return wrap(
            line.lstrip(), width, initial_indent=margin, subsequent_indent=more, **WHOLE_WORDS
        )
    return _fitted(line[: found.start() + 1], width) + _wrapped(found[2], width, more, more)


def _wrapped(text: str, width: int, first: str, later: str) -> list[str]:
    return wrap(text, width, initial_indent=first, subsequent_indent=later, **WHOLE_WORDS)


def _is_prose(line: str) -> bool:
    return line[:1].strip() != "" and not line.endswith(":")
