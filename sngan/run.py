"""Trainings from their settings: each is seeded, built, written down and trained."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sngan import build, record
from sngan.allocator import ALLOCATOR
from sngan.device import resolve_device, set_float32_precision
from sngan.pack import run_alone, run_together
from sngan.random_state import seed_everything
from sngan.train import Result, Run, train

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Job:
    """A training to do.

    Attributes:
        settings: Of the training, plain and resolved.
        folder: The run's folder; made when missing.
        state: A checkpoint's content to continue from.
        label: Tells trainings apart that share a terminal.
    """

    settings: dict[str, Any]
    folder: Path
    state: dict[str, Any] | None = None
    label: str = ""


def run(jobs: Sequence[Job]) -> list[Result | Exception]:
    """Train; several together on one device.

    Args:
        jobs: At least one. Several have the same ``device``, and the same ``precision`` but for
            bfloat16: TF32 is on or off for a whole process.

    Returns:
        How each ended: the exception of one that failed, which does not stop the others.
    """
    if len(jobs) == 1:
        try:
            return [run_alone(begin(jobs[0]))]
        except Exception as error:
            return [error]
    device = resolve_device(jobs[0].settings["device"])
    shared: build.Loaded = {}
    return run_together([begin(job, shared) for job in jobs], device)


def begin(job: Job, loaded: build.Loaded | None = None) -> Run:
    """Build and train, an iteration at a time; see `sngan.train.train`, also for what it raises.

    Args:
        job: What to do.
        loaded: Pictures that several trainings on one device share.
    """
    settings = job.settings
    try:
        config = build.trusted(settings)
    except ValueError as error:
        logger.warning("%s: it will not be possible to resume this run", error)
        config = build.as_config(settings)
    device = resolve_device(settings["device"])
    set_float32_precision(settings["precision"], device)
    ALLOCATOR.keeps_freed = True
    seed_everything(settings["seed"])
    training = build.build_training(config, device, loaded)
    job.folder.mkdir(parents=True, exist_ok=True)
    build.save(config, job.folder / "config.yaml")
    step = 0 if job.state is None else job.state["step"]
    record.add_environment(job.folder / "environment.json", step, device)
    return (
        yield from train(
            iteration=training.iteration,
            schedule=training.schedule,
            monitors=training.monitors,
            splits=training.splits,
            folder=job.folder,
            config=settings,
            device=device,
            seed=settings["seed"],
            total_steps=settings["total_steps"],
            log_every=settings["log_every"],
            sample_every=settings["sample_every"],
            checkpoint_every=settings["checkpoint_every"],
            keep_checkpoints=settings["keep_checkpoints"],
            resume_from=job.state,
            cuda_graph=settings["cuda_graph"] and _can_be_recorded(training, device),
            label=job.label,
        )
    )


def _can_be_recorded(training: build.Training, device: torch.device) -> bool:
    if training.schedule.keeps_nothing_on_host or device.type != "cuda":
        return True
    logger.warning(
        "no CUDA graph, running operation by operation: the optimizer may count on the host"
    )
    return False
