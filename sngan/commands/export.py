"""What ``sngan-export`` does: a generator in files that other people and programs read."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sngan.assembly.check import packages_of
from sngan.assembly.compose import CONFIGURATION_ERRORS
from sngan.assembly.paths import as_typed
from sngan.assembly.words import Word, parse
from sngan.commands.console import (
    command_line,
    errors_as_messages,
    paths_and_words,
)
from sngan.commands.parser import Parser
from sngan.run_folder.choice import choose, name_of
from sngan.sharing.place import FORMATS, require_free

if TYPE_CHECKING:
    from sngan.sharing.content import Content

EXPORTERS = ("onnx_ir", "onnxscript")
"""Libraries that tell of every node."""
EXAMPLES = """examples:
  sngan-export RUN_FOLDER
  sngan-export RUN_FOLDER --best --out my_generator
  sngan-export CHECKPOINT --format onnx                       for other programs
  sngan-export CHECKPOINT --format safetensors,onnx
"""


def main() -> None:
    """Run ``sngan-export``."""
    parser = build_parser()
    options = parser.parse_intermixed_args()
    paths, words = paths_and_words(options.arguments)
    if len(paths) != 1:
        parser.error(f"name one checkpoint or run folder, got {len(paths)}")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with errors_as_messages(*CONFIGURATION_ERRORS):
        _export(paths[0], parse(as_typed(words)), options)


def build_parser() -> Parser:
    """Build what reads the command line."""
    parser = Parser(
        prog="sngan-export",
        description="A folder with a trained generator and a page about it, with its scores: what "
        "sngan-sample,\nsngan-eval and sngan.load_generator read, and model hubs show.",
        epilog=EXAMPLES,
    )
    parser.add_argument(
        "arguments",
        nargs="+",
        metavar="CHECKPOINT | KEY=VALUE",
        help="a checkpoint, or a run folder, whose newest one is meant; and 'trust=[PACKAGE]', "
        "whose components it may name",
    )
    parser.add_argument("--best", action="store_true", help="of a run folder, take the best")
    parser.add_argument(
        "--weights",
        choices=["raw", "average"],
        help="which ones (default: the average, if there is one)",
    )
    add_output_options(parser, "here, named after run and step")
    return parser


def add_output_options(parser: argparse.ArgumentParser, default: str) -> None:
    """Add what commands have that write an export folder.

    Args:
        parser: Of the command.
        default: What happens without ``--out``.
    """
    parser.add_argument("--out", type=Path, help=f"the folder (default: {default})")
    parser.add_argument(
        "--format",
        default=FORMATS[0],
        help=f"{' or '.join(FORMATS)}, or both, separated by a comma (default: {FORMATS[0]})",
    )
    parser.add_argument("--force", action="store_true", help="replace an export that is there")


def write(out: Path, content: "Content", formats: Sequence[str]) -> None:
    """Write an export folder, and say what is in it and what can be done with it."""
    from sngan.sharing.folder import write_export

    for name in EXPORTERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    names = write_export(out.absolute(), content, formats)
    print(f"{content.source}, step {content.step}: {out} ({', '.join(names)})")
    if FORMATS[0] in formats:
        print(f"sample it with: {command_line('sngan-sample', str(out))}")


def formats_of(text: str) -> list[str]:
    """Return the formats that are asked for.

    Raises:
        ValueError: If there is none of that name.
    """
    wanted = text.split(",")
    if unknown := [name for name in wanted if name not in FORMATS]:
        raise ValueError(f"--format must be of {', '.join(FORMATS)}, got {unknown[0] or text!r}")
    return wanted


def _export(path: Path, words: Sequence[Word], options: argparse.Namespace) -> None:
    """Check what can be before the wait for PyTorch; then export, and say what came of it."""
    formats, trust = formats_of(options.format), _trust(words)
    chosen = choose(path, best=options.best).path
    out = options.out or Path(f"{name_of(chosen)}_export")
    require_free(out, options.force)
    from sngan.sharing.content import content_of

    write(out, content_of(chosen, trust, options.weights), formats)


def _trust(words: Sequence[Word]) -> tuple[str, ...]:
    for word in words:
        if word.key != "trust":
            raise ValueError(f"{word} is not for this command; it has 'trust=[PACKAGE]' alone")
    return packages_of(words)
