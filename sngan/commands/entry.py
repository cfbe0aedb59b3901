"""Where the commands begin, before anything slow is imported.

The first lines of a process are Python's own: a signal in its first hundredths of a second may
still be met by a traceback.
"""

import os
import sys
from importlib import import_module
from typing import TextIO

from sngan.system.interruption import end_at_once

EXIT_PIPE = 141  # As shells say of a program whose reader has left: 128 and SIGPIPE.


def train() -> None:
    """Run ``sngan-train``."""
    _run("train")


def evaluate() -> None:
    """Run ``sngan-eval``."""
    _run("evaluate")


def sample() -> None:
    """Run ``sngan-sample``."""
    _run("sample")


def analyze() -> None:
    """Run ``sngan-analyze``."""
    _run("analyze")


def reproduce() -> None:
    """Run ``sngan-reproduce``."""
    _run("reproduce")


def report() -> None:
    """Run ``sngan-report``."""
    _run("report")


def _run(module: str) -> None:
    if os.environ.get("HYDRA_FULL_ERROR") != "1":  # Who wants tracebacks gets Ctrl-C's, too.
        end_at_once()
    try:
        import_module(f"sngan.commands.{module}").main()
    except BrokenPipeError:
        raise SystemExit(EXIT_PIPE) from None
    finally:
        are_read = [_is_read(stream) for stream in (sys.stdout, sys.stderr)]
        if not all(are_read):
            raise SystemExit(EXIT_PIPE)


def _is_read(stream: TextIO) -> bool:
    """Tell whether whoever reads what we print is still there; if not, Python is to say nothing."""
    try:
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True
