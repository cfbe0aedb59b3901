"""Which folder a training gets, and the command that continues it."""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sngan.assembly.words import word_of
from sngan.commands.console import EXIT_USAGE, command_line
from sngan.run_folder.choice import run_of
from sngan.run_folder.folder import RunFolder

MAKES_NONE = {"--cfg", "-c", "--info", "-i", "--help", "-h", "--multirun", "-m"}
"""Options that only show what would be run, and that of a sweep, whose runs lie in its folder."""


def run_dir(resume: str | None, *names: str | Mapping[str, object] | None) -> str:
    """Return the folder of a run: the resumed one's, else a new one named after its parts.

    Of a group of which several members are chosen, the keys are its name. A checkpoint that lies
    by itself continues in a new folder.

    Raises:
        SystemExit: If there is nothing to resume. Hydra asks for the folder in order to make it;
            it would make the mistyped one, and show any other exception with its traceback.
    """
    if resume is not None:
        path = Path(resume)
        if not path.exists():
            print(f"error: resume={resume} does not exist", file=sys.stderr)
            raise SystemExit(EXIT_USAGE)
        run = RunFolder(path) if path.is_dir() else run_of(path)
        if run is not None:
            return str(run)
    parts = ["+".join(part) if isinstance(part, Mapping) else part for part in names]
    base = Path("runs", "_".join(filter(None, parts)), datetime.now().strftime("%Y-%m-%d_%H-%M-%S"))
    return str(base if MAKES_NONE & set(sys.argv) else _taken(base))


def _taken(base: Path) -> Path:
    """Make a folder of this name, or of one with a number behind it, that nobody has made."""
    folder, count = base, 1
    while True:
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            count += 1
            folder = base.with_name(f"{base.name}_{count}")
        else:
            return folder


def resume_command(folder: RunFolder, *words: str) -> str:
    """Return the command that continues a run, quoted for the shell and for Hydra."""
    return command_line("sngan-train", word_of("resume", folder), *words)
