"""Names of files, and values, as any terminal, log and report can hold them."""

from pathlib import Path

NO_TEXT = range(0xDC80, 0xDD00)
"""What Python makes of bytes 0x80 to 0xff in a name that is not UTF-8 (``surrogateescape``)."""
WORDS = {None: "null", True: "true", False: "false"}
MOST_SHOWN = 100
"""Characters of a value."""


def printable(name: str | Path) -> str:
    r"""Return a name with everything escaped that does not print.

    Bytes that are not UTF-8 become ``\xe9``; line ends, control characters and marks that turn the
    direction of writing become ``\n``, ``\x1b``, ``\u202e``.
    """
    text = str(name)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    if ord(character) in NO_TEXT:
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def shown(value: object) -> str:
    """Return the value of a setting in one short line, as its user would type it."""
    text = WORDS[value] if value is None or isinstance(value, bool) else str(value)
    text = printable(text) or "''"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
