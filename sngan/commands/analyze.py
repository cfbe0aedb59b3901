"""What ``sngan-analyze`` does: the singular values of trained discriminators (Figure 3)."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sngan.assembly.compose import CONFIGURATION_ERRORS
from sngan.commands.console import errors_as_messages
from sngan.run_folder.choice import latest

if TYPE_CHECKING:
    from sngan.analysis.layers import Analysis


def main() -> None:
    """Run ``sngan-analyze``."""
    parser = argparse.ArgumentParser(
        prog="sngan-analyze",
        description="Singular values of every layer of trained discriminators, and the Lipschitz "
        "bounds that follow: a table, and JSON and PNG next to each checkpoint.",
        epilog="example: sngan-analyze runs/a runs/b --figure spectra.png",
    )
    parser.add_argument(
        "checkpoints",
        nargs="+",
        type=Path,
        metavar="CHECKPOINT",
        help="a checkpoint, or a run folder, whose newest one is meant",
    )
    parser.add_argument("--figure", type=Path, help="draw all of them into this PNG, too")
    options = parser.parse_args()
    if options.figure is not None and options.figure.suffix.lower() != ".png":
        parser.error(f"--figure must name a .png file, got {options.figure}")
    with errors_as_messages(*CONFIGURATION_ERRORS):
        paths = [latest(path) for path in options.checkpoints]
        from sngan.analysis.drawing import draw
        from sngan.assembly.trained import read_analysis

        analyses = [read_analysis(path) for path in paths]
        for analysis in analyses:
            print(analysis.summary())
            picture = analysis.path.with_name(f"{analysis.path.stem}.spectra.png")
            draw({str(analysis.path): analysis}, picture)
            print(f"  written to {analysis.write()} and {picture.name}")
        if options.figure is not None:
            draw(_labelled(analyses), options.figure)
            print(f"all of them: {options.figure}")


def _labelled(analyses: "Sequence[Analysis]") -> "dict[str, Analysis]":
    """Name each after its run's folder, or after its path where that would not tell them apart."""
    names = [analysis.path.absolute().parent.parent.name for analysis in analyses]
    if len(set(names)) < len(names):
        names = [str(analysis.path) for analysis in analyses]
    return dict(zip(names, analyses, strict=True))
