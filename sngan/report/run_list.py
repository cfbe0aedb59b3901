"""Which runs a command line means: run folders, packs, and folders of sweeps."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from sngan.run_folder.folder import RunFolder
from sngan.system.printable import printable

DEEPEST = 3
"""Levels below a folder on which runs are looked for."""


def runs_of(paths: Sequence[Path]) -> dict[str, RunFolder]:
    """Return the runs in some folders, each once, by a name that tells them apart.

    Args:
        paths: Run folders, packs, or folders that hold either.

    Raises:
        FileNotFoundError: If one holds none.
    """
    found: dict[Path, RunFolder] = {}
    for path in paths:
        runs = list(_within(path, DEEPEST))
        if not runs:
            raise FileNotFoundError(
                f"{printable(path)} holds no reproduction (plan.json) and no run (config.yaml), "
                "nor does a folder in it"
            )
        found |= {Path(os.path.realpath(run.path)): run for run in runs}
    return dict(zip(_names(list(found)), found.values(), strict=True))


def _within(path: Path, levels: int) -> Iterator[RunFolder]:
    """Yield the runs in a folder; what lies within a run is its own."""
    if RunFolder(path).is_run:
        yield RunFolder(path)
    elif levels and path.is_dir():
        for folder in sorted(filter(_is_looked_into, path.iterdir()), key=_by_number):
            yield from _within(folder, levels - 1)


def _is_looked_into(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _by_number(path: Path) -> tuple[int, str]:
    """Return what brings the runs 2 and 10 of a sweep in this order."""
    digits = path.name.removeprefix("seed_")
    return (int(digits) if digits.isascii() and digits.isdigit() else -1, path.name)


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the ends of paths from where they differ; of a single one, its name."""
    common = len(os.path.commonpath(path.parent for path in paths))
    names = [str(path)[common:].lstrip(os.sep) for path in paths]
    return [printable(name) for name in names]
