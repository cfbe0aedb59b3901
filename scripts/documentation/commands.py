"""The commands that the pages show, and the words that a shell makes of them."""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
SHELLS = ("sh", "bash", "console")
RECORD = r"""
PATH=/nowhere
command_not_found_handle() { printf '%s\0' "$#" "$@" >>"$CALLS"; }
command_not_found_handler() { command_not_found_handle "$@"; }
"""
"""Where no program is found, each shell calls a function of its own, which notes the words.

The path is set here, because some systems' zsh sets one at its start, whatever it is given.
"""


@dataclass(frozen=True)
class Snippet:
    """What a reader would paste: a block, or a command within a line."""

    page: str
    line: int
    text: str
    is_block: bool


def pages() -> list[Path]:
    """Return the pages that show commands: neither history nor what programs write."""
    found = sorted((ROOT / "docs").rglob("*.md"))
    written = [path for path in found if path.name == "report.md"]
    return [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(path for path in found if path not in written),
    ]


def snippets(path: Path, programs: Sequence[str]) -> Iterator[Snippet]:
    """Yield what a page shows; within a line, what begins with one of these programs."""
    page, text = path.relative_to(ROOT).as_posix(), path.read_text()
    for block in BLOCK.finditer(text):
        if block[2] in SHELLS:
            yield Snippet(page, _line(text, block), _typed(block[2], block[3]), True)
    # Blocks become empty lines, so that lines keep their numbers.
    rest = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    for span in INLINE.finditer(rest):
        command = " ".join(span[1].split())
        if command and command.split()[0] in programs:
            yield Snippet(page, _line(rest, span), command, False)


def calls(snippet: Snippet, shell: str, place: Path, patterns: bool = True) -> list[list[str]]:
    """Return the words of each program that a shell would start, in a folder; it starts none.

    Without ``patterns`` a ``*`` stays what it is.

    Raises:
        ValueError: If the shell does not take the text.
    """
    with tempfile.NamedTemporaryFile() as noted:
        text = re.sub(r" \.\.\.(?=\s|$)", "", snippet.text)  # "And so on".
        process = subprocess.run(
            [_found(shell), "-ec" if patterns else "-efc", f"{RECORD}{text}\nwait"],
            cwd=place,
            env={"CALLS": noted.name, "HOME": str(place)},
            capture_output=True,
            text=True,
            timeout=20,
        )
        if process.returncode:
            raise ValueError(f"{snippet.page}:{snippet.line}: {shell}: {process.stderr.strip()}")
        return list(_read(Path(noted.name).read_text().split("\0")[:-1]))


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1


def _typed(language: str, text: str) -> str:
    """Return what is typed of a block: of a console the lines after its prompts."""
    if language != "console":
        return text
    return "\n".join(line.removeprefix("$ ") for line in text.splitlines() if line[:2] == "$ ")


def _found(shell: str) -> str:
    path = which(shell)
    if path is None:
        raise FileNotFoundError(shell)
    return path


def _read(words: list[str]) -> Iterator[list[str]]:
    """Yield the calls that were noted: a number of words, then these."""
    while words:
        count = int(words[0])
        yield words[1 : 1 + count]
        words = words[1 + count :]
