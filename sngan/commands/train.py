"""What ``sngan-train`` does, from its words to the runs it leaves.

Heavy imports stay inside functions, so that ``--help`` and errors are quick.
"""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from sngan.assembly.check import check_choices, check_training
from sngan.assembly.compose import (
    CONFIG_DIR,
    CONFIGURATION_ERRORS,
    GROUPS,
    plain,
    require_composable,
    scale_after_experiment,
    training_of,
    under_typed_name,
)
from sngan.assembly.free import require_free
from sngan.assembly.hydra_versions import BASE, register_resolver
from sngan.assembly.paths import absolute, as_typed, path_of
from sngan.assembly.words import Word, gives, parse, word_in, word_of
from sngan.commands.console import (
    EXIT_FAILED,
    EXIT_USAGE,
    command_line,
    errors_as_messages,
    send_nothing_home,
)
from sngan.commands.run_dir import (
    SHOWS,
    SWEEPS,
    gives_one,
    made,
    resume_command,
    run_dir,
    sweep_dir,
)
from sngan.commands.sweep import (
    DIVERGED,
    is_finished,
    is_sweep_folder,
    named,
    score_of,
    sweep_name,
    table,
)
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import SEED, RunFolder
from sngan.run_folder.hold import held, no_empty_folder
from sngan.system.interruption import EXIT_SIGNAL, end_at_once

if TYPE_CHECKING:
    from sngan.assembly.run import End, Job

logger = logging.getLogger(__name__)

WHAT_TO_TRAIN_ON = """sngan-train must be told what to train on
  sngan-train +experiment=cifar10                       a cell of the paper; downloads CIFAR-10
  sngan-train dataset=image_folder dataset.root=DIR     your own pictures
  sngan-train dataset=synthetic +scale=cpu              to try it out, without a download
sngan-train --help lists everything; dataset=cifar10 alone takes the defaults"""
OTHERS = {
    "--shell-completion",
    "-sc",
    "--hydra-help",
    "--config-name",
    "-cn",
    "--config-path",
    "-cp",
}
"""Options of Hydra's with which words are not about a training of ours."""

register_resolver("sngan.run_dir", run_dir)
register_resolver("sngan.sweep_name", sweep_name, use_cache=False)
register_resolver("sngan.made", made, use_cache=False)


def main() -> None:
    """Run ``sngan-train``."""
    send_nothing_home()
    typed = sys.argv[1:]
    with errors_as_messages():
        if not sys.argv[1:]:  # The defaults are a download and 100,000 updates.
            raise ValueError(WHAT_TO_TRAIN_ON)
        sys.argv[1:] = _arranged(sys.argv[1:])
        check_choices([word for text in sys.argv[1:] if (word := word_in(text))], GROUPS)
        if gives_one(sys.argv[1:], ("--help", "-h")):
            return _help(sys.argv[1:])
        if OTHERS.isdisjoint(text.partition("=")[0] for text in sys.argv[1:]):
            is_sweep = gives_one(sys.argv[1:], SWEEPS)
            require_composable("train", sys.argv[1:], is_sweep=is_sweep)
    if gives_one(sys.argv[1:], SHOWS) and hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Hydra would print why nobody reads on.
    outcomes: list[int] = []  # Exit codes of the jobs: one, or several of a sweep.
    sweeps: set[Path] = set()  # The folder of a sweep, if its jobs run in this process.
    ours = os.getpid()

    @hydra.main(str(CONFIG_DIR), "train", **BASE)
    def job(config: DictConfig) -> float:
        if os.getpid() != ours:  # A launcher has brought this into a process of its own.
            end_at_once()
        outcomes.append(EXIT_FAILED)
        folder = RunFolder(Path(HydraConfig.get().runtime.output_dir))
        sweeps.update([folder.path.parent] if HydraConfig.get().mode == RunMode.MULTIRUN else [])
        try:
            with (
                errors_as_messages(*CONFIGURATION_ERRORS),
                no_empty_folder(folder),
                held(folder),
                under_typed_name(config),
            ):
                train(config, folder)
            outcomes[-1] = 0
            return score_of(folder)
        except SystemExit as end:
            outcomes[-1] = int(end.code or 0)
            if outcomes[-1] > EXIT_SIGNAL and os.getpid() != ours:
                os._exit(outcomes[-1])  # A launcher's worker would take up the next run.
            if HydraConfig.get().mode == RunMode.RUN or outcomes[-1] > EXIT_SIGNAL:
                raise  # In a sweep the other jobs go on: a diverged one is a result.
            return DIVERGED

    try:
        with errors_as_messages():  # Of options that go not together, as -m and --cfg.
            job()
        for sweep in sweeps:
            print(table(sweep))
    except SystemExit as end:
        for sweep in sweeps:
            again = [text for text in typed if not gives(text, "run_dir")]
            again = [text for text in again if not gives(text, "resume")]
            print(
                "the sweep goes on with: "
                + command_line("sngan-train", *again, word_of("resume", sweep.absolute())),
                file=sys.stderr,
            )
        # Hydra explains a wrong group or key well, but exits with the code of a crash.
        raise SystemExit(end.code if outcomes or not end.code else EXIT_USAGE) from None
    if any(outcomes):
        raise SystemExit(max(outcomes))


def _help(arguments: Sequence[str]) -> None:
    from sngan.commands.train_help import help_text
    from sngan.system.layout import columns

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config-dir", type=Path)
    options, others = parser.parse_known_args(arguments)
    print(help_text([text for text in others if "=" in text], options.config_dir, columns()))


def train(config: DictConfig, folder: RunFolder) -> None:
    """Do what a composed configuration says.

    Raises:
        SystemExit: If it was interrupted.
        Exception: What the first of the trainings raised that failed.
    """
    if (count := os.environ.get("WORLD_SIZE", "1")) != "1":
        raise ValueError(
            f"sngan-train is one process, got WORLD_SIZE={count}: start it without torchrun; "
            "pack=K trains several seeds on one device"
        )
    words = parse(HydraConfig.get().overrides.task)
    check_training(config, HydraConfig.get().runtime.choices, words)
    if HydraConfig.get().mode == RunMode.MULTIRUN and is_sweep_folder(config.resume):
        jobs = _jobs_left(config, folder)
    elif config.resume is not None:
        jobs = _continued_jobs(config, folder, words, config.resume)
    else:
        jobs = _new_jobs(config, folder)
    if not jobs:
        print(f"finished before: {folder}")
        return
    from sngan.assembly.run import run

    ends = dict(zip(jobs, run(jobs), strict=True))
    finished = {job: end for job, end in ends.items() if not isinstance(end, Exception)}
    for job, end in finished.items():
        _report_end(end, job)
    failed = {job: end for job, end in ends.items() if isinstance(end, Exception)}
    for job, error in [*failed.items()][1:]:
        print(f"{job.label}: {error}", file=sys.stderr)
    for error in failed.values():
        raise error
    if any(end.interrupted for end in finished.values()):
        from sngan.commands.advice import trust_words

        ends_of = ((end.checkpoint, job.settings) for job, end in finished.items())
        trust = {word for end in ends_of for word in trust_words(*end)}
        print(f"continue with: {resume_command(folder, *trust)}", file=sys.stderr)
    if signals := [end.signal for end in finished.values() if end.signal is not None]:
        raise SystemExit(EXIT_SIGNAL + max(signals))  # Who started several is to start no more.


def _arranged(arguments: Sequence[str]) -> list[str]:
    """Return a command line as Hydra takes it.

    Options stand between settings, in Hydra before or after them; paths are as they were typed; of
    a sweep ``run_dir`` is the folder in which every run has its own.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config-dir", action="append", default=[])
    options, others = parser.parse_known_args(arguments)
    is_sweep = gives_one(others, SWEEPS)
    words = scale_after_experiment(as_typed(others, is_sweep=is_sweep))
    if is_sweep:
        words = named([sweep_dir(word) if gives(word, "run_dir") else word for word in words])
        for word in parse(text for text in words if gives(text, "resume")):
            if not word.is_sweep and is_sweep_folder(word.value):
                words.append(word_of("hydra.sweep.dir", path_of("resume", word.value)))
    return [word for folder in options.config_dir for word in ("--config-dir", folder)] + words


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


def _report_end(end: "End", job: "Job") -> None:
    from sngan.commands.advice import inception_advice, sample_command, score_command

    if end.interrupted:
        print(f"interrupted at step {end.step}, saved {end.checkpoint}", file=sys.stderr)
        return
    print(f"finished {end.step} steps in {job.folder}")
    about = end.checkpoint, job.settings, end.num_pictures
    if end.best is not None:
        by = ((job.settings["monitor"] or {}).get("scores") or {}).get("extractor")
        best = score_command(*about, str(job.folder), "--best", by=by)
        print(f"best: {end.best}: {best}")
    print(f"sample it with: {sample_command(end.checkpoint, job.settings, str(job.folder))}")
    if (first := inception_advice()) is not None:
        print(f"for FID and Inception score, once: {first}")
    print(f"score it with: {score_command(*about)}")
