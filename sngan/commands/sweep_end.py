"""What is said when a sweep has ended, wherever a launcher has run its jobs."""

import sys
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from sngan.assembly.words import gives, word_of
from sngan.commands.console import command_line
from sngan.commands.sweep import runs_in, table
from sngan.run_folder.folder import RunFolder

begun: dict[Path, int | None] = {}
"""Folders of the sweeps that this process has begun, and how many jobs each has if one can tell."""
OUR_NAMES = ("${sngan.sweep_name:", "${hydra.job.num}")
"""How folders are called that lie in that of the sweep, one for each job."""


class SweepNoted(Callback):
    """Notes the folder of a sweep: the process that was started may run none of its jobs."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:  # noqa: ANN401 - Hydra's.
        """See `hydra.experimental.callback.Callback`."""
        begun[Path(config.hydra.sweep.dir)] = _count(config.hydra)


def sweeps_ended(typed: Sequence[str], *, failed: bool) -> bool:
    """Print the table of each sweep, and how one goes on of which something is left.

    Args:
        typed: The command line.
        failed: Whether a job has failed, as far as this process knows.

    Returns:
        Whether something is left.
    """
    is_left = False
    for sweep, count in begun.items():
        print(table(sweep))
        runs = runs_in(sweep)
        jobs = {run.path.relative_to(sweep).parts[0] for run in runs}
        halves = {run.path.relative_to(sweep).parts[0] for run in runs if not _has_ended(run)}
        total = count or len(jobs)
        left = max(0, total - len(jobs - halves))  # Older runs may be of more words.
        if left:
            print(f"{left} of {total} runs did not reach their ends", file=sys.stderr)
        if runs and (left or failed):
            _say_how_to_go_on(sweep, typed)
        is_left |= left > 0
    return is_left


def sweeps_stopped(typed: Sequence[str]) -> None:
    """Print how sweeps go on that did not come to their ends."""
    for sweep in begun:
        if runs_in(sweep):
            _say_how_to_go_on(sweep, typed)


def _say_how_to_go_on(sweep: Path, typed: Sequence[str]) -> None:
    again = [text for text in typed if not gives(text, "run_dir") and not gives(text, "resume")]
    words = command_line("sngan-train", *again, word_of("resume", sweep.absolute()))
    print(f"the sweep goes on with: {words}", file=sys.stderr)


def _count(config: DictConfig) -> int | None:
    """Return how many jobs a sweep has; None where a sweeper decides or folders may be anywhere."""
    is_basic = config.sweeper._target_.endswith(".BasicSweeper")
    sweep: Any = OmegaConf.to_container(config.sweep, resolve=False)
    if not is_basic or config.sweeper.params or not sweep["subdir"].startswith(OUR_NAMES):
        return None
    words = OverridesParser.create().parse_overrides([*config.overrides.task])
    last = {word.get_key_element(): word for word in words}.values()
    swept = [word for word in last if word.is_discrete_sweep()]
    return prod(len([*word.sweep_string_iterator()]) for word in swept)


def _has_ended(run: RunFolder) -> bool:
    settings = OmegaConf.load(run.config)
    return run.checkpoint(settings.total_steps).exists()
