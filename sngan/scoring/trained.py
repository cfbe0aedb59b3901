"""What a checkpoint holds for scoring."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sngan import build, checkpoint
from sngan.architecture.base import Generator
from sngan.dataset.base import Dataset
from sngan.identity import kind_of_training
from sngan.scoring.scorer import RealPictures
from sngan.settings import require_seed


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained generator.

    Attributes:
        path: The checkpoint.
        remark: Which one of its run it is; empty if the user named it.
        step: Completed iterations.
        seed: Of the training.
        kind: What it has in common with trainings of other seeds.
        generator: On the CPU.
        real: The pictures it should look like.
    """

    path: Path
    remark: str
    step: int
    seed: int
    kind: str
    generator: Generator
    real: RealPictures


def read_trained(
    path: Path, of_dataset: Sequence[str], real: RealPictures | None, best: bool
) -> Trained:
    """Read a checkpoint; whatever is wrong with it shows here.

    Args:
        path: A checkpoint, or a run folder.
        of_dataset: Changes to its data set's settings, ``dataset.KEY=VALUE``.
        real: Pictures to compare with instead of that data set.
        best: Of a run folder, take the best checkpoint instead of the newest.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it cannot be used.
    """
    choice = checkpoint.choose(path, best=best)
    state = checkpoint.load(choice.path)
    config = build.trusted_parts(state, "architecture", "dataset")
    build.override(config, of_dataset)
    require_seed(state["config"].get("seed"))
    about = build.plain(config.dataset)
    return Trained(
        path=choice.path,
        remark=choice.remark,
        step=state["step"],
        seed=state["config"]["seed"],
        kind=kind_of_training(
            {**state["config"], "dataset": about}, "best" if best else state["step"]
        ),
        generator=build.build_generator(config, state),
        real=real or shared_pictures(about),
    )


def shared_pictures(about: Mapping[str, Any]) -> RealPictures:
    """Return the pictures of a data set, the same to all who ask in this process.

    Args:
        about: Its settings, JSON-able.

    Raises:
        ValueError: If a setting is not accepted.
    """
    return _shared(json.dumps(about, sort_keys=True))


@cache
def _shared(about: str) -> RealPictures:
    settings = json.loads(about)
    return real_pictures(build.build_dataset(build.trusted({"dataset": settings})), settings)


def real_pictures(dataset: Dataset, about: Mapping[str, Any]) -> RealPictures:
    """Return the splits of a data set, each loaded once, when it is first asked for."""
    return RealPictures(name=dataset.name, load=cache(dataset.load), about=about)
