"""Words of the command line of ``sngan-reproduce``: which go to trainings, which to scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sngan.identity import INDIFFERENT, PLACES

SCALES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("scales.yaml").read_text()
)
OF_EVALUATION = (
    "extractor", "protocol", "metric", "batch_size", "cache", "reference_preset", "allow_mismatch",
)  # fmt: skip
OF_THE_PLAN = {
    "experiment": "--only",
    "method": "--method",
    "setting": "--setting",
    "seed": "--seeds",
    "scale": "--scale",
    "run_dir": "--folder",
    "resume": "nothing: what was begun is continued",
    "monitor": "nothing: the plan says what is watched",
    "reference": "nothing: each training is compared with its own data set",
}


@dataclass(frozen=True)
class Words:
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
        if any(word.startswith("dataset=") for word in self.train):
            return ()
        return tuple(SCALES[self.scale].get("datasets", {}).get(dataset, ()))

    def of_dataset(self, dataset: str) -> tuple[str, ...]:
        """Return all words about what stands for a data set of the plan."""
        of_user = (word for word in self.train if _root(word) == "dataset")
        return (*self.replacing(dataset), *of_user)


def share_out(scale: str, words: Sequence[str]) -> Words:
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
    for word in words:
        root, key = _root(word), word.partition("=")[0]
        if "=" not in word or key.lstrip("+~") in OF_THE_PLAN:
            raise ValueError(f"{word} is not for this command; use {_instead(key)}")
        if root == "hydra":
            launch.append(word)
        elif root in OF_EVALUATION and "@" not in key:
            evaluate.append(word)
        elif root == "monitor" or "@monitor" in key:
            monitor.append(word)
        elif root == "device":
            train.append(word)
            evaluate.append(word)
        else:
            train.append(word)
    monitor = [*(_of_monitor(word) for word in evaluate if _is_shared(word)), *monitor]
    return Words(scale, tuple(train), tuple(monitor), tuple(evaluate), tuple(launch))


def changes_results(word: str) -> bool:
    """Tell whether a user's word makes trainings others than the plan's, of the same data set."""
    key = word.partition("=")[0].lstrip("+~")
    if key.startswith("dataset."):
        return key.rpartition(".")[2] not in PLACES
    others = (*INDIFFERENT, *OF_EVALUATION, "dataset", "hydra", "monitor")
    return _root(word) not in others


def decisive(words: Sequence[str]) -> list[str]:
    """Return the words that all cells of a reproduction must have in common.

    Where a known data set lies may change. For a folder of pictures its place is all that says
    what they are.
    """
    folders = {"dataset=image_folder", "dataset=imagenet"} & set(words)
    return [
        word
        for word in words
        if changes_results(word)
        or word.startswith("dataset=")
        or (folders and word.partition("=")[0].lstrip("+") in ("dataset.root", "dataset.test_root"))
    ]


def without_place(word: str) -> str:
    """Return a word without where on this machine something lies: a report is for others."""
    key, _, _ = word.partition("=")
    return f"{key}=..." if key.rpartition(".")[2] in PLACES else word


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
    if about["factor"] == 1 or any(word.startswith("total_steps=") for word in words):
        return []
    return [f"total_steps={max(1, round(about['factor'] * published))}"]


def _root(word: str) -> str:
    return word.partition("=")[0].lstrip("+~").replace("/", ".").replace("@", ".").partition(".")[0]


def _instead(key: str) -> str:
    return OF_THE_PLAN.get(key.lstrip("+~"), "KEY=VALUE")


def _is_shared(word: str) -> bool:
    """Tell whether a word of the evaluation says with what to score while training, too."""
    return _root(word) in ("extractor", "cache", "batch_size")


def _of_monitor(word: str) -> str:
    if word.startswith("extractor="):
        return f"extractor@monitor.scores.{word}"
    return f"monitor.scores.{word.lstrip('+')}"
