"""Where the commands begin, before anything slow is imported.

The first lines of a process are Python's own: a signal in its first hundredths of a second may
still be met by a traceback.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

from sngan.commands import opening
from sngan.system.interruption import end_at_once

EXIT_PIPE = 141  # As shells say of a program whose reader has left: 128 and SIGPIPE.


def train() -> None:
    """Run ``sngan-train``."""
    _run("train", "sngan-train")


def evaluate() -> None:
    """Run ``sngan-eval``."""
    _run("evaluate", "sngan-eval")


def sample() -> None:
    """Run ``sngan-sample``."""
    _run("sample", "sngan-sample")


def export() -> None:
    """Run ``sngan-export``."""
    _run("export", "sngan-export")


def import_generator() -> None:
    """Run ``sngan-import``."""
    _run("import_generator", "sngan-import")


def analyze() -> None:
    """Run ``sngan-analyze``."""
    _run("analyze", "sngan-analyze")


def reproduce() -> None:
    """Run ``sngan-reproduce``."""
    _run("reproduce", "sngan-reproduce")


def report() -> None:
    """Run ``sngan-report``."""
    _run("report", "sngan-report")


def _run(module: str, program: str) -> None:
    if os.environ.get("HYDRA_FULL_ERROR") != "1":  # Who wants tracebacks gets Ctrl-C's, too.
        end_at_once()
    try:
        if not _has_answered(program, sys.argv[1:]):
            import_module(f"sngan.commands.{module}").main()
    except BrokenPipeError:
        raise SystemExit(EXIT_PIPE) from None
    finally:
        are_read = [_is_read(stream) for stream in (sys.stdout, sys.stderr)]
        if not all(are_read):
            raise SystemExit(EXIT_PIPE)


def _has_answered(program: str, arguments: Sequence[str]) -> bool:
    """Say what will be done; return whether that was all, as with ``--version``."""
    if "--version" in arguments:
        print(opening.version())
        return True
    if "--completion" in arguments:
        import_module("sngan.commands.completion").main(program, arguments)
        return True
    opening.say(program, arguments)
    return False


def _is_read(stream: TextIO) -> bool:
    """Tell whether whoever reads what we print is still there; if not, Python is to say nothing."""
    try:
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True
