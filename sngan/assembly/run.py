"""Trainings from their settings: each is seeded, built, written down and trained."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tqdm.contrib.logging import logging_redirect_tqdm

from sngan.assembly.compose import save
from sngan.assembly.training import Loaded, build_training
from sngan.assembly.trust import check_trusted
from sngan.run_folder.environment import add_environment
from sngan.run_folder.folder import RunFolder
from sngan.system.allocator import ALLOCATOR
from sngan.system.device import resolve_device, set_float32_precision
from sngan.system.interruption import Interruption
from sngan.system.random_state import seed_everything
from sngan.training.loop import Result, ShouldStop, train
from sngan.training.pack import run_together
from sngan.training.train_step import TrainStep


@dataclass(frozen=True, eq=False)
class Job:
    """A training to do.

    Attributes:
        settings: Of the training, plain and resolved.
        folder: The run's folder; made when missing.
        state: A checkpoint's content to continue from.
        label: Tells trainings apart that share a terminal.
        trust: Packages besides sngan whose classes the settings may name.
    """

    settings: dict[str, Any]
    folder: RunFolder
    state: dict[str, Any] | None = None
    label: str = ""
    trust: Collection[str] = ()


def run(jobs: Sequence[Job]) -> list[Result | Exception]:
    """Train; several together on one device.

    Args:
        jobs: At least one. Several have the same ``device``, and the same ``precision`` but for
            bfloat16: TF32 is on or off for a whole process.

    Returns:
        How each ended: the exception of one that failed, which does not stop the others.
    """
    if len(jobs) > 1:
        device = resolve_device(jobs[0].settings["device"])
        shared: Loaded = {}
        return run_together([partial(begin, job, shared) for job in jobs], device)
    try:
        go = begin(jobs[0])
        with logging_redirect_tqdm(), Interruption() as interruption:
            return [go(lambda: interruption.requested)]
    except Exception as error:
        return [error]


def begin(job: Job, loaded: Loaded | None = None) -> Callable[[ShouldStop], Result]:
    """Build a training and write down what it is.

    Args:
        job: What to do.
        loaded: Pictures that several trainings on one device share.

    Returns:
        What trains, once it is told how to learn whether to stop; see `sngan.training.loop.train`.

    Raises:
        ValueError: If a setting is not accepted or not trusted.
        FileNotFoundError: If data are missing.
    """
    settings, folder = job.settings, job.folder
    check_trusted(settings, job.trust)
    device = resolve_device(settings["device"])
    set_float32_precision(settings["precision"], device)
    ALLOCATOR.keeps_freed = True
    seed_everything(settings["seed"])
    training = build_training(settings, device, loaded)
    folder.path.mkdir(parents=True, exist_ok=True)
    save(settings, folder.config)
    add_environment(folder.environment, 0 if job.state is None else job.state["step"], device)
    step = TrainStep(training.iteration, training.schedule, device, settings["cuda_graph"])

    def go(should_stop: ShouldStop) -> Result:
        return train(
            step=step,
            monitors=training.monitors,
            splits=training.splits,
            folder=folder,
            config=settings,
            device=device,
            seed=settings["seed"],
            total_steps=settings["total_steps"],
            log_every=settings["log_every"],
            sample_every=settings["sample_every"],
            checkpoint_every=settings["checkpoint_every"],
            keep_checkpoints=settings["keep_checkpoints"],
            resume_from=job.state,
            should_stop=should_stop,
            label=job.label,
        )

    return go
