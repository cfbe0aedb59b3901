"""What ``sngan-train`` does, from its words to the runs it leaves.

Heavy imports stay inside functions, so that ``--help`` and errors are quick.
"""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from sngan.assembly.check import check_choices, check_training
from sngan.assembly.compose import (
    CONFIG_DIR,
    CONFIGURATION_ERRORS,
    GROUPS,
    require_composable,
    scale_after_experiment,
    under_typed_name,
)
from sngan.assembly.hydra_versions import BASE, register_resolver
from sngan.assembly.paths import as_typed, path_of
from sngan.assembly.words import gives, parse, word_in, word_of
from sngan.commands.console import (
    EXIT_FAILED,
    EXIT_USAGE,
    errors_as_messages,
    send_nothing_home,
)
from sngan.commands.run_dir import (
    SHOWS,
    SWEEPS,
    gives_one,
    made,
    run_dir,
    sweep_dir,
)
from sngan.commands.sweep import (
    DIVERGED,
    beside_words,
    is_sweep_folder,
    named,
    score_of,
    sweep_name,
)
from sngan.commands.sweep_end import begun, sweeps_ended, sweeps_stopped
from sngan.commands.train_end import finish
from sngan.commands.train_jobs import jobs_of
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.hold import held, no_empty_folder
from sngan.system.interruption import EXIT_SIGNAL, end_at_once

if TYPE_CHECKING:
    pass

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
    begun.clear()
    ours = os.getpid()

    @hydra.main(str(CONFIG_DIR), "train", **BASE)
    def job(config: DictConfig) -> float:
        if os.getpid() != ours:  # A launcher has brought this into a process of its own.
            end_at_once()
        outcomes.append(EXIT_FAILED)
        folder = RunFolder(Path(HydraConfig.get().runtime.output_dir))
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
        if sweeps_ended(typed, failed=any(outcomes)) and not any(outcomes):
            outcomes.append(EXIT_FAILED)  # In another process.
    except SystemExit as end:
        sweeps_stopped(typed)
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
    is_sweep = HydraConfig.get().mode == RunMode.MULTIRUN
    jobs = jobs_of(config, folder, words, is_sweep=is_sweep)
    if not jobs:
        print(f"finished before: {folder}")
        return
    from sngan.assembly.run import run

    finish(dict(zip(jobs, run(jobs), strict=True)), folder)


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
                words = beside_words(
                    words, word_of("hydra.sweep.dir", path_of("resume", word.value))
                )
    return [word for folder in options.config_dir for word in ("--config-dir", folder)] + words
