"""What ``sngan-analyze`` does: the singular values of trained discriminators (Figure 3)."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Interval

from sngan.assembly.check import packages_of
from sngan.assembly.compose import CONFIGURATION_ERRORS
from sngan.assembly.paths import as_typed
from sngan.assembly.words import Word, parse
from sngan.commands.console import errors_as_messages, paths_and_words
from sngan.commands.parser import Parser
from sngan.run_folder.choice import latest
from sngan.system.declared import check

if TYPE_CHECKING:
    from sngan.analysis.layers import Analysis


def main() -> None:
    """Run ``sngan-analyze``."""
    parser = build_parser()
    options = parser.parse_intermixed_args()
    paths, words = paths_and_words(options.arguments)
    if not paths:
        parser.error("name checkpoints or run folders")
    if options.figure is not None and options.figure.suffix.lower() != ".png":
        parser.error(f"--figure must name a .png file, got {options.figure}")
    with errors_as_messages(*CONFIGURATION_ERRORS):
        check("--pictures", Annotated[int, Interval(ge=0, le=100_000)], options.pictures)
        if options.pictures % 2:
            raise ValueError(f"--pictures must be even, for pairs, got {options.pictures}")
        read = parse(as_typed(words))
        of_dataset = [w for w in read if options.pictures and w.key.startswith("dataset.")]
        trust = packages_of([word for word in read if word not in of_dataset])
        _analyze([latest(path) for path in paths], trust, of_dataset, options)


def build_parser() -> Parser:
    """Build what reads the command line."""
    parser = Parser(
        prog="sngan-analyze",
        description="Singular values of every layer of trained discriminators, and the Lipschitz "
        "bounds that follow: a table, and JSON and PNG next to each checkpoint.",
        epilog="example: sngan-analyze runs/a runs/b --figure spectra.png",
    )
    parser.add_argument(
        "arguments",
        nargs="+",
        metavar="CHECKPOINT | KEY=VALUE",
        help="checkpoints, or run folders, whose newest one is meant; 'trust=[PACKAGE]', whose "
        "components they may name; with --pictures also dataset.KEY=VALUE",
    )
    parser.add_argument(
        "--pictures",
        type=int,
        default=0,
        metavar="N",
        help="look for the steepest place from N training pictures, too: what the Lipschitz "
        "constant is at least",
    )
    parser.add_argument("--figure", type=Path, help="draw all of them into this PNG, too")
    return parser


def _analyze(
    paths: Sequence[Path],
    trust: Sequence[str],
    of_dataset: Sequence[Word],
    options: argparse.Namespace,
) -> None:
    """Print, write and draw."""
    figure: Path | None = options.figure
    from sngan.analysis.drawing import draw
    from sngan.assembly.trained import read_analysis

    words = [str(word) for word in of_dataset]
    analyses = [read_analysis(path, trust, options.pictures, words) for path in paths]
    for analysis in analyses:
        print(analysis.summary())
        picture = analysis.path.with_name(f"{analysis.path.stem}.spectra.png")
        draw({str(analysis.path): analysis}, picture)
        print(f"  written to {analysis.write()} and {picture.name}")
    if figure is not None:
        draw(_labelled(analyses), figure)
        print(f"all of them: {figure}")


def _labelled(analyses: "Sequence[Analysis]") -> "dict[str, Analysis]":
    """Name each after its run's folder, or after its path where that would not tell them apart."""
    names = [analysis.path.absolute().parent.parent.name for analysis in analyses]
    if len(set(names)) < len(names):
        names = [str(analysis.path) for analysis in analyses]
    return dict(zip(names, analyses, strict=True))
