"""What a command says before anything slow is imported: what it is going to do, or its version.

A second without a word looks like a program that hangs.
"""

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress

HELP = ("--help", "-h", "--hydra-help")
TELLING = (
    ("sngan-train", ("--cfg", "-c", "--info", "-i"), "shows what would be run"),
    ("sngan-train", ("--multirun", "-m"), "trains once for each combination of"),
    ("sngan-train", ("resume",), "goes on with a training"),
    ("sngan-train", (), "trains a GAN"),
    ("sngan-eval", ("--fetch-inception",), "looks for the network of FID and Inception score"),
    ("sngan-eval", ("--images",), "scores pictures"),
    ("sngan-eval", ("--real",), "scores real pictures"),
    ("sngan-eval", (), "scores what generators have learnt"),
    ("sngan-sample", (), "draws samples of a trained generator"),
    ("sngan-export", (), "writes a trained generator in files that others can read"),
    ("sngan-import", (), "reads a generator that another program has trained"),
    ("sngan-analyze", (), "measures the singular values of trained discriminators"),
    ("sngan-reproduce", ("--list",), "lists what there is to reproduce of the paper"),
    ("sngan-reproduce", ("--dry-run",), "shows what it would train and score"),
    ("sngan-reproduce", (), "trains and scores what is left of the paper's tables and figures"),
    ("sngan-report", (), "writes a page about runs, or about a reproduction"),
)
"""What each command does, by an option or setting that decides it; the first that is given."""
MOST = 200
"""Letters of the arguments that are repeated."""


def say(program: str, arguments: Sequence[str]) -> None:
    """Say what a command is going to do, unless it is to be quiet or another process says it."""
    given = {name for text in arguments for name in (text, text.partition("=")[0])}
    if "--quiet" in given or os.environ.get("RANK", "0") != "0" or sys.stderr is None:
        return
    told = f"{program} {_deed(program, given)}"
    if given & {*HELP}:  # The help's own first line.
        print(f"{told}.", flush=True)
        return
    words = shlex.join(arguments)
    shown = words if len(words) <= MOST else f"{words[:MOST]} ..."
    with suppress(OSError):  # Of a full disk or a closed pipe others say more.
        print(f"{told}{shown and ': '}{shown}", file=sys.stderr, flush=True)


def version() -> str:
    """Return the versions that a report of an error needs; PyTorch is not imported for its own."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    from sngan import __version__

    try:
        torch = f"torch {version_of('torch')}"
    except PackageNotFoundError:
        torch = "without torch"
    return f"sngan {__version__}, {torch}, Python {platform.python_version()}"


def _deed(program: str, given: set[str]) -> str:
    """Return what a command does with some options; its help, what it does by default."""
    if given & {*HELP}:
        given = set()
    rows = (does for name, options, does in TELLING if name == program and _fits(options, given))
    return next(rows)


def _fits(options: Sequence[str], given: set[str]) -> bool:
    return not options or bool(given & {*options})
