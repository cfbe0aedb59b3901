"""Our own contestants: words of ``sngan-train``, built as that command builds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from omegaconf import OmegaConf

from scripts.benchmark.race import Step
from scripts.benchmark.task import Network, Task
from sngan.build import Training, build_training
from sngan.cli import compose_trainings
from sngan.device import use_exact_float32
from sngan.random_state import seed_everything

Arithmetic = Literal["float32", "tf32", "bfloat16"]
PICTURES = 2048  # Drawn for each contestant; how many there are does not change the speed.


@dataclass(frozen=True)
class Mode:
    """A way to train that is named in tables.

    Attributes:
        words: Of the command line.
        arithmetic: What multiplies in the networks, for the ceilings of a machine.
    """

    words: tuple[str, ...]
    arithmetic: Arithmetic = "float32"


MODES: Mapping[str, Mode] = {
    "exact": Mode(()),
    "channels_last": Mode(("channels_last=true",)),
    "bfloat16": Mode(("precision=bfloat16",), "bfloat16"),
    "fast": Mode(("precision=bfloat16", "channels_last=true"), "bfloat16"),
}
RECIPES: Mapping[Network, tuple[str, ...]] = {
    "cnn": ("architecture=cnn", "setting=C", "method=spectral_norm"),
    "resnet": (
        *("architecture=resnet_cifar", "setting=resnet", "method=spectral_norm", "loss=hinge"),
    ),
}


def words_of(task: Task, mode: str, *others: str) -> list[str]:
    """Return the words of ``sngan-train`` for a task in a mode.

    Args:
        task: What to train on what.
        mode: A name of `MODES`.
        others: Further words, which win.
    """
    return [
        *RECIPES[task.network],
        "dataset=synthetic",
        f"dataset.num_images={max(PICTURES, task.batch_size)}",
        f"dataset.image_size={task.image_size}",
        f"architecture.width={task.width}",
        f"setting.n_dis={task.n_dis}",
        f"setting.batch_size={task.batch_size}",
        f"setting.generator_batch_size={task.batch_size}",
        *MODES[mode].words,
        *others,
    ]


def build(words: Sequence[str], device: torch.device) -> Training:
    """Build a training as `sngan.cli.run_training` does, with its switches of precision."""
    [(config, _)] = compose_trainings([words])
    use_exact_float32()
    seed_everything(config["seed"])
    return build_training(OmegaConf.create(config), device)


def eager_step_of(words: Sequence[str], device: torch.device) -> Step:
    """Return the iteration of a training, operation by operation.

    With `step_of` the only place here that knows what an iteration is made of.
    """
    training = build(words, device)

    def step() -> None:
        training.iteration()
        for scheduler in training.schedulers:
            scheduler.step()

    return step


def step_of(words: Sequence[str], device: torch.device) -> Step:
    """Return the iteration of a training as the loop of `sngan.train` runs it."""
    return eager_step_of(words, device)
