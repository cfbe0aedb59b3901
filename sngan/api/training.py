"""One training, as ``sngan-train`` does it, in one call."""

from collections.abc import Sequence
from pathlib import Path

from sngan.api.errors import as_value_errors
from sngan.assembly.compose import compose, compose_trainings, under_typed_name
from sngan.assembly.free import require_free
from sngan.assembly.paths import absolute, as_typed
from sngan.assembly.resume import continued
from sngan.assembly.run import Job, run
from sngan.assembly.trust import fingerprints
from sngan.assembly.words import parse
from sngan.run_folder.choice import latest, run_of
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.hold import held, no_empty_folder
from sngan.system.device import resolve_device
from sngan.system.float32 import exact_float32
from sngan.system.random_state import kept_random_state
from sngan.training.loop import Result

ARGUMENTS = ("run_dir", "resume")
"""Settings of ``sngan-train`` that are arguments here."""
OF_THE_COMMAND = ("pack", "hydra")
"""Settings that only the command has."""


def train(
    *words: str,
    run_dir: str | Path | None = None,
    resume: str | Path | None = None,
    config_dir: str | Path | None = None,
) -> Result:
    """Train, as ``sngan-train WORD ...`` would, and leave the same run folder.

    The caller's random numbers and its choice of TF32 are as before afterwards. Ctrl-C, or another
    signal that asks to end, saves and ends the training, not the program; the result says so.

    Args:
        words: Groups and settings, as on the command line: ``"dataset=cifar10"``,
            ``"total_steps=1000"``, ``"+experiment=cifar10"``.
        run_dir: Folder of the run; with ``resume`` that of the run it continues, if not given.
        resume: A run folder or a checkpoint, to continue it as it was configured. The few words
            that can change something then are `sngan.assembly.resume.RESUMABLE`.
        config_dir: A folder with config groups of your own.

    Returns:
        Its ``step``, ``checkpoint``, ``best`` checkpoint, and whether it was ``interrupted``.

    Raises:
        ValueError: If a word or a setting is not accepted, or the folder holds another run.
        OSError: If another process works in the folder.
        FileNotFoundError: If data, or what to resume, are missing.
        FloatingPointError: If a loss is not finite any more.
    """
    with as_value_errors():
        words = tuple(as_typed(words))
        _check(words)
        own = None if config_dir is None else Path(config_dir)
        source = None if resume is None else Path(resume)
        folder = _folder(run_dir, source)
        config = compose("train", words, own)
        with no_empty_folder(folder), held(folder), under_typed_name(config):
            if source is not None:
                _refuse_another_run(folder, source)
            ((settings, _),) = compose_trainings([words], own)
            if source is None:
                settings = absolute(settings)
                require_free(folder, {folder: settings})
                job = Job(settings, folder, trust=fingerprints(settings))
            else:
                job = continued(latest(source), folder, config, parse(words))
            device = resolve_device(job.settings["device"])
            with kept_random_state(device), exact_float32():
                (end,) = run([job])
            if isinstance(end, Exception):
                raise end
            return end


def _check(words: Sequence[str]) -> None:
    """Raise if a word says what is said otherwise here, or what only the command can do."""
    for word in parse(words):
        if word.root in ARGUMENTS:
            raise ValueError(f"{word.root} is an argument of train, got the word {word}")
        if word.root in OF_THE_COMMAND:
            raise ValueError(f"{word.root} is for sngan-train, train does one run; got {word}")


def _folder(run_dir: str | Path | None, resume: Path | None) -> RunFolder:
    """Return the folder of a new run, or of one that is continued."""
    if resume is not None:
        latest(resume)  # Raises if there is nothing to continue.
    if run_dir is not None:
        return RunFolder(Path(run_dir))
    if resume is None:
        raise ValueError("run_dir must be given, unless resume is")
    run = RunFolder(resume) if resume.is_dir() else run_of(resume)
    if run is None:
        raise ValueError(f"run_dir must be given: {resume} does not lie in a run folder")
    return run


def _refuse_another_run(folder: RunFolder, resume: Path) -> None:
    """Raise if a folder holds a run, unless that is the one to continue."""
    is_own = resume.resolve().is_relative_to(folder.path.resolve())
    if (folder.is_run or folder.packed) and not is_own:
        raise ValueError(f"run_dir={folder} holds a run already; continue it: resume={folder}")
