"""Overrides of the command line of ``sngan-reproduce``: which go to trainings, which to scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sngan.assembly.paths import with_absolute_path
from sngan.assembly.words import Word, parse
from sngan.run_folder.identity import INDIFFERENT, PLACES

SCALES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("scales.yaml").read_text()
)
OF_EVALUATION = (
    "extractor", "protocol", "metric", "batch_size", "cache", "reference_preset", "allow_mismatch",
)  # fmt: skip
OF_MONITORS = ("extractor", "cache", "batch_size")
"""Settings of the evaluation that hold for scores while training, too."""
FOLDERS = {"image_folder", "imagenet"}
"""Data sets that are any folder of pictures."""
OF_THE_PLAN = {
    "experiment": "--only",
    "method": "--method",
    "setting": "--setting",
    "seed": "--seeds",
    "scale": "--scale",
    "pack": "--pack",
    "run_dir": "--folder",
    "resume": "nothing: what was begun is continued",
    "if_damaged": "nothing: the newest whole checkpoint is taken",
    "monitor": "nothing: the plan says what is watched",
    "reference": "nothing: each training is compared with its own data set",
}


@dataclass(frozen=True)
class Overrides:
    """Words for each of the commands that are behind a reproduction.

    Attributes:
        scale: A key of `SCALES`.
        train: For every training.
        monitor: For the scores of every training while it goes on.
        evaluate: For every evaluation.
        launch: For Hydra: which launcher, and its settings.
    """

    scale: str
    train: tuple[str, ...]
    monitor: tuple[str, ...]
    evaluate: tuple[str, ...]
    launch: tuple[str, ...]

    def replacing(self, dataset: str) -> tuple[str, ...]:
        """Return what the scale puts in the place of a data set, unless the user names one."""
        if any(word.key == "dataset" for word in parse(self.train)):
            return ()
        return tuple(SCALES[self.scale].get("datasets", {}).get(dataset, ()))

    def of_dataset(self, dataset: str) -> tuple[str, ...]:
        """Return all words about what stands for a data set of the plan."""
        of_user = (str(word) for word in parse(self.train) if word.sets("dataset"))
        return (*self.replacing(dataset), *of_user)


def assign(scale: str, words: Sequence[str]) -> Overrides:
    """Give each word to the command that knows it.

    Args:
        scale: A key of `SCALES`.
        words: ``KEY=VALUE`` of the user's.

    Raises:
        ValueError: If one belongs to none.
    """
    about = SCALES[scale]
    train, launch = [*about.get("train", ())], []
    monitor, evaluate = [*about.get("monitor", ())], [*about.get("evaluate", ())]
    for text in words:
        word = _word(text)
        if word.root == "hydra":
            launch.append(text)
        elif word.root in OF_EVALUATION and not word.package:
            evaluate.append(text)
        elif word.root == "monitor" or word.package.startswith("monitor"):
            monitor.append(text)
        elif word.root == "device":
            train.append(text)
            evaluate.append(text)
        else:
            train.append(text)
    shared = [_of_monitor(word) for word in parse(evaluate) if word.root in OF_MONITORS]
    return Overrides(scale, tuple(train), (*shared, *monitor), tuple(evaluate), tuple(launch))


def changes_results(text: str) -> bool:
    """Tell whether a user's word makes trainings others than the plan's, of the same data set."""
    (word,) = parse([text])
    if word.key.startswith("dataset."):
        return word.key.rpartition(".")[2] not in PLACES
    others = (*INDIFFERENT, *OF_EVALUATION, "dataset", "hydra", "monitor")
    return word.root not in others and not word.package.startswith("monitor")


def decisive(words: Sequence[str]) -> list[str]:
    """Return the words that all cells of a reproduction must have in common.

    Where a known data set lies may change. For a folder of pictures its place is all that says
    what they are.
    """
    parsed = parse(words)
    chosen = {word.value for word in parsed if word.key == "dataset"}
    places = ("dataset.root", "dataset.test_root") if chosen & FOLDERS else ()
    return [
        with_absolute_path(str(word))
        for word in parsed
        if changes_results(str(word)) or word.key == "dataset" or word.key in places
    ]


def without_place(text: str) -> str:
    """Return a word without where on this machine something lies: a report is for others."""
    (word,) = parse([text])
    return f"{word.key}=..." if word.key.rpartition(".")[2] in PLACES else text


def length(scale: str, published: int, words: Sequence[str]) -> list[str]:
    """Return the word that says how many updates a training has at a scale.

    Args:
        scale: A key of `SCALES`.
        published: Updates of the experiment in the paper.
        words: Of the plan; a length among them stays, but where all have the same.
    """
    about = SCALES[scale]
    if "updates" in about:
        return [f"total_steps={about['updates']}"]
    if about["factor"] == 1 or any(word.key == "total_steps" for word in parse(words)):
        return []
    return [f"total_steps={max(1, round(about['factor'] * published))}"]


def _word(text: str) -> Word:
    """Read a word of the user's, unless it is about what the plan decides."""
    try:
        (word,) = parse([text])
    except ValueError:
        raise ValueError(f"{text} is not for this command; use KEY=VALUE") from None
    if word.key in OF_THE_PLAN and not word.package:
        raise ValueError(f"{text} is not for this command; use {OF_THE_PLAN[word.key]}")
    return word


def _of_monitor(word: Word) -> str:
    """Return a word of the evaluation as one about the scores while training."""
    if word.key == "extractor":
        return f"extractor@monitor.scores.{word}"
    return f"monitor.scores.{str(word).lstrip('+')}"
