"""Commands under a time limit that get the chance to save what they have."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GRACE = 20.0  # Seconds between an interrupt, as by Ctrl-C, and the end.
TAIL = 2000  # Characters.


@dataclass(frozen=True)
class Finished:
    """How a command ended.

    Attributes:
        code: Its exit code; negative for a signal that ended it.
        seconds: How long it ran.
        cut_off: Whether it ran into the limit.
        tail: The end of what it printed.
    """

    code: int
    seconds: float
    cut_off: bool
    tail: str


def python(*words: str) -> list[str]:
    """Return the words of a command of this interpreter."""
    return [sys.executable, *words]


def run_limited(
    words: Sequence[str], limit: float, environment: Mapping[str, str] | None = None
) -> Finished:
    """Run a command in the root of the checkout; interrupt it at the limit, then kill it.

    Args:
        words: Of the command.
        limit: Seconds until it is interrupted.
        environment: Variables to add.
    """
    start = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Its children can then be reached with it.
        )
        try:
            cut_off = not _ends_within(process, limit)
            if cut_off:
                _signal(process, signal.SIGINT)
                _ends_within(process, GRACE)
        finally:
            _signal(process, signal.SIGKILL)
            code = process.wait()
        seconds = time.monotonic() - start
        output.seek(0)
        return Finished(code, seconds, cut_off, output.read()[-TAIL:])


def private(text: str, *folders: Path) -> str:
    """Return a text without where on this machine things lie."""
    # Whatever lies within another folder comes first.
    for folder in sorted({ROOT, Path(sys.prefix), Path.home(), *folders}, key=_depth, reverse=True):
        if _depth(folder) > 1:
            text = text.replace(str(folder), "." if folder == ROOT else "...")
    return text


def _depth(folder: Path) -> int:
    return len(folder.parts)


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a command and its children; those that ended are no error."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
