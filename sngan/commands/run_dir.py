"""Which folder a training gets, and the command that continues it."""

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from sngan.assembly.paths import path_of
from sngan.assembly.words import parse, word_of
from sngan.commands.console import command_line, errors_as_messages
from sngan.commands.sweep import is_sweep_folder
from sngan.run_folder.choice import latest, run_of
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.hold import give_back, make
from sngan.system.interruption import clean_at_end

SWEEPS = ("--multirun", "-m")
SHOWS = ("--cfg", "-c", "--info", "-i", "--help", "-h", "--hydra-help")
"""Options that only show what would be run."""


def run_dir(resume: object, *names: str | Mapping[str, object] | None) -> str:
    """Return the folder of a run: the resumed one's, else a new one named after its parts.

    Of a group of which several members are chosen, the keys are its name. A checkpoint that lies
    by itself continues in a new folder, named after its own parts.

    Raises:
        SystemExit: If there is nothing to resume. Hydra asks for the folder in order to make it;
            it would make the mistyped one, and show any other exception with its traceback.
    """
    with errors_as_messages():
        if resume is None:
            return _new(names)
        path = path_of("resume", resume)
        try:
            is_there = path.exists()
        except OSError as error:
            raise OSError(f"resume={resume} cannot be read: {error.strerror}") from error
        if not is_there:
            raise FileNotFoundError(f"resume={resume} does not exist")
        if _makes_none() and is_sweep_folder(resume):
            return str(path)
        run = RunFolder(path) if path.is_dir() else run_of(path)
        if run is None:
            return _new(_names_in(path))
        if not run.packed:
            latest(run.path)
        return str(run)


def made(*, _root_: DictConfig) -> str:
    """Make the folder of a run; it is given back if nothing comes of it.

    Args:
        _root_: The whole configuration.

    Raises:
        SystemExit: If it cannot be made.
    """
    with errors_as_messages():
        try:
            path = path_of("run_dir", _root_.run_dir)
        except OmegaConfBaseException as error:
            raise ValueError(f"{error.full_key}: {str(error).splitlines()[0]}") from error
        if not _makes_none():
            _make(path)
        return str(path)


def sweep_dir(word: str) -> str:
    """Return the word that gives a sweep its folder, for one that gives ``run_dir``.

    Raises:
        ValueError: If it is not one folder.
        OSError: If it cannot be made.
    """
    (parsed,) = parse([word])
    if parsed.parsed.is_sweep_override() or "${" in word:
        raise ValueError(
            f"{word} cannot be: run_dir=DIR is the folder of the sweep, whose runs are "
            "DIR/0_..., DIR/1_..., ...; hydra.sweep.subdir='s${seed}' would call them otherwise"
        )
    path = path_of("run_dir", parsed.value)
    around = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not around.is_dir() or not os.access(around, os.W_OK):
        raise OSError(f"{word} cannot be made: {around} is not a folder to write into")
    return word_of("hydra.sweep.dir", path)


def gives_one(arguments: Sequence[str], options: Collection[str]) -> bool:
    """Tell whether a command line has one of some options: ``--cfg job``, ``--cfg=job``, ``-cjob``.

    Args:
        arguments: The command line.
        options: With their dashes.
    """
    names = {word.partition("=")[0] if word[:2] == "--" else word[:2] for word in arguments}
    return not names.isdisjoint(options)


def _makes_none() -> bool:
    """Tell whether there is no run of one's own: those of a sweep lie in its folder."""
    return gives_one(sys.argv[1:], (*SHOWS, *SWEEPS))


def _new(names: tuple[str | Mapping[str, object] | None, ...]) -> str:
    parts = ["+".join(part) if isinstance(part, Mapping) else part for part in names]
    base = Path("runs", "_".join(filter(None, parts)), datetime.now().strftime("%Y-%m-%d_%H-%M-%S"))
    return str(base if _makes_none() else _taken(base))


def _taken(base: Path) -> Path:
    """Make a folder of this name, or of one with a number behind it, that nobody has made."""
    folder, count = base, 1
    while folder.exists() or not _make(folder):
        count += 1
        folder = base.with_name(f"{base.name}_{count}")
    return folder


def _make(path: Path) -> bool:
    """Make a folder, unless it is there; return whether it was not.

    Raises:
        OSError: If it cannot be made.
    """
    try:
        make(RunFolder(path))
    except FileExistsError:
        if not path.is_dir():
            raise FileExistsError(f"run_dir={path} must be a folder, and is none") from None
        return False
    except OSError as error:
        raise OSError(f"run_dir={path} cannot be made: {error.strerror}") from error
    clean_at_end(partial(give_back, RunFolder(path)))  # Until the command itself sees to it.
    return True


def _names_in(checkpoint: Path) -> tuple[str | Mapping[str, object] | None, ...]:
    """Return the parts that a checkpoint is named after, as its configuration has them."""
    from sngan.run_folder.checkpoint import load

    settings = load(checkpoint, "continue")["config"]
    parts = (settings["dataset"], settings["architecture"]["generator"], settings["loss"])
    regularizers = {name: None for name in settings["regularizer"] if name.isidentifier()}
    return (*map(_member, parts), regularizers)


def _member(component: Mapping[str, Any]) -> str | None:
    """Return what the member of a group is called: its module."""
    module = component["_target_"].split(".")[-2:][0]
    return module if module.isidentifier() else None


def resume_command(folder: RunFolder, *words: str) -> str:
    """Return the command that continues a run from any folder, quoted for the shell and Hydra."""
    return command_line("sngan-train", word_of("resume", folder.path.absolute()), *words)
