"""The training loop.

Per iteration G moves once, then D ``n_dis`` times. What that means in the paper
(https://arxiv.org/abs/1802.05957) is in `sngan.step.iteration`; here is what goes on around it. In
the authors' code that is a list of extensions of Chainer's trainer:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/train.py
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from sngan.monitor.base import Monitor
from sngan.run_folder import checkpoint
from sngan.run_folder.due import Due
from sngan.run_folder.folder import Best, RunFolder
from sngan.run_folder.metrics import Metrics
from sngan.run_folder.room import checkpoint_size, lack_of_room
from sngan.step.splits import Splits
from sngan.system.finite import first_not_finite
from sngan.system.progress import Progress, format_interval
from sngan.training.meters import Speed
from sngan.training.tracking import NO_TRACKING, Tracking
from sngan.training.train_step import TrainStep
from sngan.training.watch import Watch

logger = logging.getLogger(__name__)

WORTH_SHOWING = 0.01  # Share of the time.
ShouldStop = Callable[[], bool]
"""Asked after every iteration: whether to save and stop."""


class DivergenceError(FloatingPointError):
    """A loss is not finite any more."""


@dataclass(frozen=True)
class Result:
    """How a call of `train` ended.

    Attributes:
        step: Completed iterations.
        interrupted: Whether it was stopped before its end.
        checkpoint: The newest checkpoint, at `step`.
        best: The best one, if a monitor says what is good.
    """

    step: int
    interrupted: bool
    checkpoint: Path
    best: Best | None


def train(
    *,
    step: TrainStep,  # One G update and n_dis D updates; knows all that must be saved.
    monitors: Sequence[Monitor] = (),  # Each with a cadence of its own.
    splits: Splits,  # What monitors look at.
    tracking: Tracking = NO_TRACKING,  # Copies of what is written down.
    folder: RunFolder,  # Exists.
    config: dict[str, Any],  # JSON-able; goes into every checkpoint.
    device: torch.device,
    seed: int,  # Of the sample grid's noise.
    total_steps: int,  # Iterations.
    log_every: int,  # Iterations; the only point that waits for the device.
    sample_every: int,  # Iterations.
    checkpoint_every: int,  # Iterations.
    keep_checkpoints: int | None = None,  # Newest ones to keep; None keeps all.
    resume_from: dict[str, Any] | None = None,  # A checkpoint's content.
    should_stop: ShouldStop = lambda: False,  # Where several runs take turns, it lets others work.
    label: str = "",  # Tells runs apart that share a terminal.
) -> Result:
    """Train, from the start or from a checkpoint, to the end or until told to stop.

    Returns:
        How it ended.

    Raises:
        ValueError: If the checkpoint does not fit the networks or the data.
        DivergenceError: If a loss is not finite when it is logged, or a weight when it is saved.
    """
    # A checkpoint brings everything back that has a state, also the random numbers. Files of later
    # steps go: they belong to a run that did not happen.
    start = resume_from or {"step": 0, "seconds": 0.0, "best": None}
    done, seconds = start["step"], start["seconds"]
    best = Best(**start["best"]) if start.get("best") else None
    if resume_from is not None:
        step.resume(resume_from)
        folder.discard_after(done, best)
    metrics = Metrics(folder.metrics, done, seconds)
    speed = Speed(step.iteration, metrics, device, done)
    watch = Watch(
        monitors, splits, folder, metrics, sample_every=sample_every, seed=seed, device=device,
        best=best, besides=speed.besides, show=tracking.picture, average=step.average,
    )  # fmt: skip
    due = Due(folder)
    bar = Progress(label or "training", total_steps, "steps", done)

    @speed.besides.counted()
    def write() -> Path:
        # Enough by itself to go on, to sample and to score: settings, progress, every state.
        progress = {
            "step": done,
            "seconds": metrics.seconds,
            "config": config,
            "class_names": list(splits.pictures("train").class_names),
            "best": None if watch.best is None else asdict(watch.best),
        }
        checkpoint.save(folder.checkpoint(done), progress | step.states.state_dict())
        folder.prune(keep_checkpoints, watch.best)
        return folder.checkpoint(done)

    def save() -> Path:
        due.begin(done)
        return write()

    saved = _at_hand(folder.checkpoint(done), write) if done else None

    with bar:
        # A kill may have come between a checkpoint and what else was due at its step.
        if done and due.is_left(done):
            if best := watch.look_again(step.iteration, done, last=done == total_steps):
                saved = save()
                folder.note_best(best)
            folder.prune(keep_checkpoints, watch.best)
            due.end()

        tracking.begin(metrics)

        # A run that is resumed at its end has nothing left to do.
        stop, begun_at = done >= total_steps, done
        while not stop:
            # One G update, n_dis D updates; on a GPU one launch that is not waited for.
            step()
            done += 1
            bar.update()
            last = done == total_steps
            stop = should_stop() or last

            # Optimizers have all of their state from the first iteration on.
            if done == begun_at + 1:
                _say_if_full(step, folder, total_steps - done, checkpoint_every, keep_checkpoints)
            saving = stop or done % checkpoint_every == 0

            # Reading numbers waits for the device. Bad ones end the run before they are saved:
            # whoever continued from there could only fail.
            if last or saving or done % log_every == 0:
                _require_finite(step, done, saved, weights=saving)
            if last or done % log_every == 0:
                values = step.losses.take() | step.augmented() | speed.take(done)
                metrics.log(done, values)
                _show(bar, label, done, speed, values)

            # Before the monitors: one of them may fail.
            if saving:
                saved = save()

            # A monitor may say that this is the best checkpoint so far; it is kept then.
            if best := watch.look(step.iteration, done, last=last):
                saved = save()
                folder.note_best(best)
            if saving or best:
                due.end()

    return Result(done, done < total_steps, folder.checkpoint(done), watch.best)


def _at_hand(path: Path, save: Callable[[], Path]) -> Path:
    """Return the checkpoint that a run goes on from.

    In another folder it is saved first: that is whole then, whatever comes.
    """
    return path if path.exists() else save()


def _require_finite(step: TrainStep, done: int, saved: Path | None, *, weights: bool) -> None:
    """Raise DivergenceError if a loss has not been finite, or a weight is not; say which."""
    ago = step.losses.first_not_finite
    if ago is None and not weights:
        return
    bad = first_not_finite(step.iteration.states.state_dict())
    if ago is None and bad is None:
        return
    values = step.losses.take()
    since = done if ago is None else done - ago
    raise DivergenceError(
        f"step {done}: {values}, since step {since}; not finite: {bad or 'the loss'}; "
        f"last checkpoint: {saved}"
    )


def _say_if_full(
    step: TrainStep, folder: RunFolder, steps_left: int, every: int, keep: int | None
) -> None:
    """Warn if the disk has no room for the checkpoints to come."""
    size = checkpoint_size(step.states.state_dict())
    if lack := lack_of_room(folder, size, steps_left, every, keep):
        logger.warning("%s", lack)


def _show(bar: Progress, label: str, done: int, speed: Speed, values: dict[str, float]) -> None:
    """Show the values and the time left in the bar, or as a line where there is no terminal."""
    assert bar.total is not None
    left, share = speed.left(bar.total - done), values["speed/share_besides"]
    besides = f"  {share:.0%} watching, saving" if share >= WORTH_SHOWING else ""
    summary = (
        f"D {values['loss/discriminator']:.3f}  G {values['loss/generator']:.3f}  "
        f"{values['speed/images_per_second']:.0f} img/s"
    )
    bar.pace = (bar.total - done) / left if left else None
    if not bar.is_bar:
        where = f"{label} step {done}/{bar.total}".lstrip()
        summary = f"{where}  {summary}  {values['speed/steps_per_second']:.2f} steps/s"
        besides = f"{besides}  {format_interval(left)} left"
    bar.say(summary + besides)
