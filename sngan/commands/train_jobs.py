"""Which trainings ``sngan-train`` begins or continues."""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from sngan.assembly.compose import plain, training_of
from sngan.assembly.free import require_free
from sngan.assembly.paths import absolute, path_of
from sngan.assembly.words import Word
from sngan.commands.sweep import is_finished, is_sweep_folder
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import SEED, RunFolder

if TYPE_CHECKING:
    from sngan.assembly.run import Job

logger = logging.getLogger(__name__)


def jobs_of(
    config: DictConfig, folder: RunFolder, words: list[Word], *, is_sweep: bool
) -> "list[Job]":
    """Return the trainings of a command; none if they are finished.

    Args:
        config: Composed.
        folder: Of the run.
        words: As they were typed.
        is_sweep: Whether it is one run of several.

    Raises:
        ValueError: If the folder holds another run.
    """
    if is_sweep and is_sweep_folder(config.resume):
        return _jobs_left(config, folder)
    if config.resume is not None:
        return _continued_jobs(config, folder, words, config.resume)
    return _new_jobs(config, folder)


def _trainings(config: DictConfig, folder: RunFolder) -> dict[RunFolder, dict[str, Any]]:
    """Return settings by place: of one, or with ``pack`` of one for each of several seeds."""
    settings = absolute(plain(training_of(config)))
    if config.pack == 1:
        return {folder: settings}
    seeds = range(config.seed, config.seed + config.pack)
    return {folder.of_seed(seed): {**settings, "seed": seed} for seed in seeds}


def _jobs_left(config: DictConfig, folder: RunFolder) -> "list[Job]":
    """Return what is left to do of a run of a sweep that goes on; nothing if it is finished."""
    trainings = _trainings(config, folder)
    if is_finished(trainings):
        return []
    if any(run.checkpoints for run in trainings):
        return _continued_jobs(config, folder, [], folder)
    return _new_jobs(config, folder)


def _new_jobs(config: DictConfig, folder: RunFolder) -> "list[Job]":
    """Return the trainings of a command that begin."""
    trainings = _trainings(config, folder)
    require_free(folder, trainings)
    from sngan.assembly.run import Job
    from sngan.assembly.trust import fingerprints

    trust = fingerprints(next(iter(trainings.values())))  # Whoever names a component runs it.
    return [
        Job(own, place, label="" if place is folder else place.path.name, trust=trust)
        for place, own in trainings.items()
    ]


def _continued_jobs(
    config: DictConfig, folder: RunFolder, words: list[Word], resume: object
) -> "list[Job]":
    """Return the trainings that a command continues: one, or all that were packed together.

    Of these, a kill may have come when some had their first checkpoint, and others not yet.
    """
    source = RunFolder(path_of("resume", str(resume)))
    within = source.packed
    begun = [run for run in within if run.checkpoints] or within or [source]
    newest = {run: latest(run.path, config.if_damaged) for run in begun}
    is_within = source.path.resolve().is_relative_to(folder.path.resolve())
    if folder.is_run and not is_within:
        raise ValueError(f"run_dir={folder} holds a run already; continue it: resume={folder}")
    from sngan.assembly.resume import continued

    jobs = []
    for run, file in newest.items():
        place = RunFolder(folder.path / run.path.name) if within else folder
        jobs.append(continued(file, place, config, words, run.path.name if within else ""))
    for run in within:
        if run not in newest:
            logger.warning("%s has no checkpoint and begins anew", run)
            jobs.append(_of_another_seed(jobs[0], run, folder))
    return jobs


def _of_another_seed(job: "Job", run: RunFolder, folder: RunFolder) -> "Job":
    """Return the training from its beginning that was packed with another as a folder says."""
    seed = int(run.path.name.removeprefix(SEED))
    settings = {**job.settings, "seed": seed}
    return replace(
        job, settings=settings, folder=folder.of_seed(seed), state=None, label=run.path.name
    )
