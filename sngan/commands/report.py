"""What ``sngan-report`` does: a page about runs, or about a reproduction."""

from collections.abc import Sequence
from pathlib import Path

from sngan.commands.console import errors_as_messages
from sngan.commands.parser import Parser

EXAMPLES = """examples:
  sngan-report RUN_FOLDER
  sngan-report RUN_FOLDER OTHER_RUN            compared on one page
  sngan-report runs/reproduce/paper            tables and figures of the paper
"""


def main() -> None:
    """Run ``sngan-report``."""
    options = build_parser().parse_args()
    with errors_as_messages():
        _report(options.folders, options.output)


def build_parser() -> Parser:
    """Build what reads the command line."""
    parser = Parser(
        prog="sngan-report",
        description="Write the report of one or several runs, also while they train, or of a "
        "reproduction, whatever there is so far: Markdown, and one HTML page that opens from disk.",
        epilog=EXAMPLES,
    )
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="runs, packs or sweeps; or a reproduction, as runs/reproduce/paper",
    )
    parser.add_argument(
        "--output",
        type=Path,
        help="where to write; otherwise the same folder, of several ./runs_report",
    )
    return parser


def _report(folders: Sequence[Path], output: Path | None) -> None:
    """Write a report and say where.

    Raises:
        ValueError: If a reproduction is not alone.
    """
    reproductions = [folder for folder in folders if (folder / "plan.json").exists()]
    if reproductions and len(folders) > 1:
        raise ValueError(f"{reproductions[0]} holds a reproduction, whose report is one by itself")
    pages = _of_reproduction(folders[0], output) if reproductions else _of_runs(folders, output)
    for page in pages:
        print(page)


def _of_reproduction(path: Path, output: Path | None) -> list[Path]:
    from sngan.reproduce.reproduction import Reproduction
    from sngan.reproduce.targets import read_targets

    folder = Reproduction(path)
    folder.read_plan()  # What is wrong with it shows before the slow imports.
    from sngan.report.compose import compose_report
    from sngan.report.render import write
    from sngan.report.results import Results

    return write(compose_report(Results(folder), read_targets()), output or path)


def _of_runs(paths: Sequence[Path], output: Path | None) -> list[Path]:
    from sngan.report.run_list import runs_of

    runs = runs_of(paths)
    from sngan.report.render import write
    from sngan.report.runs import place_of, report_of_runs

    place = place_of(paths, output)
    return write(report_of_runs(runs), place)
