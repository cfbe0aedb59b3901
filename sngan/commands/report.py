"""What ``sngan-report`` does."""

import argparse
from pathlib import Path

from sngan.commands.console import errors_as_messages


def main() -> None:
    """Run ``sngan-report``."""
    parser = argparse.ArgumentParser(
        prog="sngan-report",
        description="Write the report of a reproduction, whatever there is of it so far: Markdown, "
        "and one HTML page that opens from disk.",
        epilog="example: sngan-report runs/reproduce/paper",
    )
    parser.add_argument("folder", type=Path, help="what sngan-reproduce says at its end")
    parser.add_argument("--output", type=Path, help="where to write; the same folder otherwise")
    options = parser.parse_args()
    with errors_as_messages():
        from sngan.reproduce.reproduction import Reproduction
        from sngan.reproduce.targets import read_targets

        folder = Reproduction(options.folder)
        folder.read_plan()  # What is wrong with it shows before the slow imports.
        from sngan.report.compose import compose_report
        from sngan.report.render import write
        from sngan.report.results import Results

        report = compose_report(Results(folder), read_targets())
        for page in write(report, options.output or options.folder):
            print(page)
