"""Our own contestants: words of ``sngan-train``, built as that command builds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from scripts.benchmark.race import Step
from scripts.benchmark.task import Network, Task
from sngan.assembly.compose import compose_trainings
from sngan.assembly.training import Training, build_training
from sngan.system.allocator import ALLOCATOR
from sngan.system.float32 import set_float32_precision
from sngan.system.random_state import seed_everything
from sngan.training.train_step import TrainStep

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
    "exact": Mode(("speed=exact",)),
    "fast": Mode(("speed=fast",), "bfloat16"),
    # One switch of `configs/speed/exact.yaml` at a time.
    "tf32": Mode(("precision=tf32",), "tf32"),
    "channels_first": Mode(("channels_last=false",)),
    "separate_resampling": Mode(("merged_resampling=false",)),
    "joint_pass": Mode(("joint_pass=true",)),
    "single_sigma": Mode(("joint_pass=true", "single_sigma=true")),
    "one_generator_pass": Mode(("one_generator_pass=true",)),
    "eager": Mode(("cuda_graph=false",)),
    "compile": Mode(("compile=true",)),
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


def build(words: Sequence[str], device: torch.device) -> tuple[dict[str, Any], Training]:
    """Compose and build a training as `sngan.assembly.run.begin` does.

    Returns:
        Its settings, and what it is made of.
    """
    [(settings, _)] = compose_trainings([words])
    set_float32_precision(settings["precision"], device)
    ALLOCATOR.keeps_freed = True
    seed_everything(settings["seed"])
    return settings, build_training(settings, device)


def step_of(words: Sequence[str], device: torch.device, *, eager: bool = False) -> Step:
    """Return the iteration of a training as the loop of `sngan.training.loop` runs it.

    Args:
        words: Of the command line.
        device: Where to train.
        eager: Whether to run it operation by operation, whatever the words say.
    """
    settings, training = build(words, device)
    records = settings["cuda_graph"] and not eager
    return TrainStep(training.iteration, training.schedule, device, records, training.average)
