"""Trainings from their settings: each is seeded, built, written down and trained."""

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from tqdm.contrib.logging import logging_redirect_tqdm

from sngan.architecture.base import weighted_layers
from sngan.assembly.check import check_settings
from sngan.assembly.compose import save
from sngan.assembly.consent import keep_consent
from sngan.assembly.training import Loaded, build_training
from sngan.assembly.trust import check_trusted, foreign_packages
from sngan.run_folder.environment import add_environment
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.hold import FolderInUseError, give_back, held
from sngan.system.allocator import ALLOCATOR
from sngan.system.device import resolve_device
from sngan.system.float32 import set_float32_precision
from sngan.system.interruption import Interruption, clean_at_end
from sngan.system.random_state import seed_everything
from sngan.training.loop import Result, ShouldStop, train
from sngan.training.pack import run_together
from sngan.training.tracking import Tracking
from sngan.training.train_step import TrainStep

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Job:
    """A training to do.

    Attributes:
        settings: Of the training, plain and resolved.
        folder: The run's folder; made when missing.
        state: A checkpoint's content to continue from.
        label: Tells trainings apart that share a terminal.
        trust: The user's consent to components besides sngan's; see `sngan.assembly.trust`.
    """

    settings: dict[str, Any]
    folder: RunFolder
    state: dict[str, Any] | None = None
    label: str = ""
    trust: Collection[str] = ()


@dataclass(frozen=True)
class End(Result):
    """How a training ended, and what was seen of its data.

    Attributes:
        num_pictures: Of the split it was trained on.
        signal: Number of the signal that came; it may have come at the very end.
    """

    num_pictures: int
    signal: int | None = None


def run(jobs: Sequence[Job]) -> list[End | Exception]:
    """Train; several together on one device.

    Args:
        jobs: At least one. Several have the same ``device``, and the same ``precision`` but for
            bfloat16: TF32 is on or off for a whole process.

    Returns:
        How each ended: the exception of one that failed, which does not stop the others.
    """
    interruption = Interruption()
    with ExitStack() as stack:
        try:
            for job in jobs:
                clean_at_end(partial(give_back, job.folder, begun=True))
                stack.enter_context(held(job.folder))
        except FolderInUseError as error:
            return [error] * len(jobs)
        ends = _run_all(jobs, interruption) if len(jobs) > 1 else [_run_one(jobs[0], interruption)]
    return [_with_signal(end, interruption) for end in ends]


def _run_all(jobs: Sequence[Job], interruption: Interruption) -> list[End | Exception]:
    device = resolve_device(jobs[0].settings["device"])
    shared: Loaded = {}
    ends = run_together([partial(begin, job, shared) for job in jobs], device, interruption)
    return cast(list[End | Exception], ends)  # As `begin` makes them.


def _run_one(job: Job, interruption: Interruption) -> End | Exception:
    try:
        go = begin(job)
        with logging_redirect_tqdm(), interruption:
            return go(lambda: interruption.requested)
    except Exception as error:
        return error


def _with_signal(end: End | Exception, interruption: Interruption) -> End | Exception:
    """Return how a training ended, with what stopped it."""
    if isinstance(end, End):
        return replace(end, signal=interruption.number)
    return end


def begin(job: Job, loaded: Loaded | None = None) -> Callable[[ShouldStop], End]:
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
    check_trusted(settings, job.trust, source="the training")
    check_settings(settings, ())
    device = resolve_device(settings["device"])
    set_float32_precision(settings["precision"], device)
    ALLOCATOR.keeps_freed = True
    seed_everything(settings["seed"])
    training = build_training(settings, device, loaded)
    folder.path.mkdir(parents=True, exist_ok=True)
    save(settings, folder.config)
    pictures = training.splits.pictures("train")
    begun = 0 if job.state is None else job.state["step"]
    add_environment(folder.environment, begun, device, pictures.revision)
    _keep_consent(job)
    if not weighted_layers(training.iteration.discriminator):
        logger.warning("%s: sngan-analyze will find no layer in this discriminator", folder)
    num_pictures = len(pictures)
    step = TrainStep(
        training.iteration, training.schedule, device, settings["cuda_graph"], training.average
    )

    tracking = Tracking(training.loggers, folder, settings, device)

    def go(should_stop: ShouldStop) -> End:
        try:
            result = train(
                step=step,
                monitors=training.monitors,
                splits=training.splits,
                tracking=tracking,
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
        except Exception:
            tracking.end("failed")
            raise
        tracking.end("interrupted" if result.interrupted else "finished", result.best)
        return End(**vars(result), num_pictures=num_pictures)

    return go


def _keep_consent(job: Job) -> None:
    """Let the run's folder remember what of other packages it is built of, and its places."""
    packages = foreign_packages(job.settings)
    if not packages:
        with suppress(OSError):  # Places can be typed again.
            keep_consent(job.folder, job.settings)
        return
    needs = f"'trust=[{','.join(packages)}]'"
    what = f"{job.label} built with {' and '.join(packages)}".lstrip()
    try:
        keep_consent(job.folder, job.settings)
    except OSError as error:
        logger.warning("%s; its folder cannot remember that (%s)", what, error)
        logger.warning("%s: every command on its checkpoints must say %s", job.folder, needs)
    else:
        logger.info("%s; on its checkpoints, commands of others must say %s", what, needs)
