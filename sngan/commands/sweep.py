"""Sweeps, ``sngan-train -m``: what their runs are called, how good they are, how they go on."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from sngan.assembly.compose import to_yaml
from sngan.assembly.paths import path_of
from sngan.assembly.words import parse, word_in
from sngan.run_folder.due import Due
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.metrics import read_metrics

DIVERGED = float("inf")
"""The score of a run that failed: sweepers look for the smallest."""
ODD = re.compile(r"[^A-Za-z0-9.+-]+")
LONGEST_NAME = 80
LOSSES = ("loss/discriminator", "loss/generator")


def sweep_name(*keys: str, _root_: DictConfig) -> str:
    """Return what the folder of one run of a sweep is called: ``3_setting-A_seed-1``.

    Args:
        keys: What is swept.
        _root_: The whole configuration.
    """
    words = parse(_root_.hydra.overrides.task)
    parts = [
        f"{word.key.rpartition('.')[2]}-{ODD.sub('_', str(word).partition('=')[2]).strip('_')}"
        for word in words
        if word.key in keys
    ]
    return "_".join([str(_root_.hydra.job.num), *parts])[:LONGEST_NAME].rstrip("_")


def named(arguments: Sequence[str]) -> list[str]:
    """Return the words of a sweep with what its runs are called, unless they say so."""
    words = [word for text in arguments if (word := word_in(text))]
    swept = dict.fromkeys(word.key for word in words if word.is_sweep and word.root != "hydra")
    if not swept or any(word.key == "hydra.sweep.subdir" for word in words):
        return [*arguments]
    return beside_words(arguments, f"hydra.sweep.subdir='${{sngan.sweep_name:{','.join(swept)}}}'")


def beside_words(arguments: Sequence[str], *more: str) -> list[str]:
    """Return a command line with more words behind its last one: options may follow."""
    end = max(place for place, text in enumerate(arguments) if word_in(text)) + 1
    return [*arguments[:end], *more, *arguments[end:]]


def is_sweep_folder(resume: object) -> bool:
    """Tell whether what is to be resumed is a sweep; Hydra leaves a file in its folder."""
    return resume is not None and (path_of("resume", resume) / "multirun.yaml").is_file()


def is_finished(trainings: Mapping[RunFolder, Mapping[str, Any]]) -> bool:
    """Tell whether trainings are done, and everything that was due at their ends.

    Args:
        trainings: Settings by place.

    Raises:
        ValueError: If a run that is there is of other settings.
    """
    for run, settings in trainings.items():
        if run.is_run and run.config.read_text("utf-8") != to_yaml(settings):
            raise ValueError(f"{run} holds a run of other settings: resume={run} continues it")
    return all(
        run.checkpoint(settings["total_steps"]).exists()
        and not Due(run).is_left(settings["total_steps"])
        for run, settings in trainings.items()
    )


def score_of(folder: RunFolder) -> float:
    """Return what a sweeper is to make small, for one run or the mean of those packed together.

    The best score while training where a monitor gives one (``'monitor=[scores]'``); else the last
    loss of the discriminator, which says nothing about quality.
    """
    values = [_score(run) for run in folder.packed or [folder]]
    return sum(values) / len(values)


def _score(run: RunFolder) -> float:
    best = run.best()
    if best is not None:
        return best.value
    return _last(run).get("loss/discriminator", DIVERGED)


def table(sweep: Path) -> str:
    """Return one line for each run of a sweep: its folder, how far it is, losses, best score."""
    lines = [f"{'run':<40}  {'step':>8}  {'loss D':>8}  {'loss G':>8}  best"]
    for run in runs_in(sweep):
        last = _last(run)
        losses = [f"{last[n]:8.3f}" if n in last else f"{'-':>8}" for n in LOSSES]
        name = str(run.path.relative_to(sweep))
        end = f"{last.get('step', 0):>8.0f}"
        lines.append(f"{name:<40}  {end}  {'  '.join(losses)}  {run.best() or '-'}")
    return "\n".join(lines)


def runs_in(sweep: Path) -> list[RunFolder]:
    """Return the runs of a sweep in its order, those of a pack one by one."""
    folders = [RunFolder(path.parent) for path in sorted(sweep.glob("*/config.yaml"))]
    folders += [RunFolder(path.parent) for path in sorted(sweep.glob("*/seed_*/config.yaml"))]
    return sorted(folders, key=_number)


def _number(run: RunFolder) -> tuple[int, str]:
    found = re.search(r"/(\d+)(_[^/]*)?(/seed_\d+)?$", str(run))
    return (int(found[1]) if found else 0), str(run)


def _last(run: RunFolder) -> dict[str, float]:
    """Return the last value of everything that a run has logged, and the last step."""
    lines = read_metrics(run.metrics)
    steps = {"step": lines[-1]["step"]} if lines else {}
    return steps | {line["name"]: line["value"] for line in lines}
