"""The training loop.

Per iteration G moves once, then D ``n_dis`` times. What that means in the paper
(https://arxiv.org/abs/1802.05957) is in `sngan.step.iteration`; here is what goes on around it. In
the authors' code that is a list of extensions of Chainer's trainer:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/train.py
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from sngan.monitor.base import Monitor
from sngan.run_folder import checkpoint
from sngan.run_folder.folder import Best, RunFolder
from sngan.run_folder.metrics import Metrics
from sngan.sampling.samples import save_grid
from sngan.step.splits import Splits
from sngan.system.require import require_positive
from sngan.training.meters import Speed
from sngan.training.train_step import TrainStep

logger = logging.getLogger(__name__)

GRID_SIZE = 100

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
        ValueError: If a length is below 1, or the checkpoint does not fit the networks or the data.
        DivergenceError: If a loss is not finite when it is logged.
    """
    require_positive(
        total_steps=total_steps,
        log_every=log_every,
        sample_every=sample_every,
        checkpoint_every=checkpoint_every,
    )
    # A checkpoint brings everything back that has a state, also the random numbers. Files of later
    # steps go: they belong to a run that did not happen.
    done, seconds = 0, 0.0
    best: Best | None = None
    if resume_from is not None:
        done, seconds = resume_from["step"], resume_from["seconds"]
        step.resume(resume_from)
        folder.discard_after(done)
        best = Best(**resume_from["best"]) if resume_from.get("best") else None
    metrics = Metrics(folder.metrics, done, seconds)
    speed = Speed(step.iteration, metrics, device, done)
    saved = folder.checkpoint(done) if done else None

    bar = tqdm(
        desc=label or None,
        initial=done,
        total=total_steps,
        unit="step",
        disable=None,
        smoothing=0.05,
    )

    def save() -> Path:
        # Enough by itself to go on, to sample and to score: settings, progress, every state.
        path = folder.checkpoint(done)
        progress = {
            "step": done,
            "seconds": metrics.seconds,
            "config": config,
            "best": None if best is None else asdict(best),
        }
        checkpoint.save(path, progress | step.states.state_dict())
        folder.prune(keep_checkpoints, best)
        return path

    with bar:
        # A run that is resumed at its end has nothing left to do.
        stop = done >= total_steps
        while not stop:
            # One G update, n_dis D updates; on a GPU one launch that is not waited for.
            step()
            done += 1
            bar.update()
            last = done == total_steps
            stop = should_stop() or last

            # Reading the losses waits for the device, so a loss that is not finite shows here.
            if last or done % log_every == 0:
                values = _finite(step.losses.take(), done, saved) | speed.take(done)
                metrics.log(done, values)
                where = f"{label} step {done}/{total_steps}".lstrip()
                _show(bar, where, total_steps - done, values)

            # Before the monitors: one of them may fail.
            if stop or done % checkpoint_every == 0:
                saved = save()

            # A monitor may say that this is the best checkpoint so far; it is kept then.
            for monitor in monitors:
                if last or done % monitor.every == 0:
                    values = monitor(step.iteration, splits)
                    metrics.log(done, values)
                    best = _better(best, done, monitor.decisive, values)
            if best is not None and best.step == done:
                saved = save()
                folder.note_best(best)

            # Always of the same noise, with the running statistics of batch norm.
            if last or done % sample_every == 0:
                save_grid(folder.grid(done), step.iteration.generator, GRID_SIZE, seed, device)

    return Result(done, done < total_steps, folder.checkpoint(done), best)


def _finite(values: dict[str, float], step: int, saved: Path | None) -> dict[str, float]:
    """Return losses as they are, or raise DivergenceError."""
    if not all(map(math.isfinite, values.values())):
        raise DivergenceError(f"step {step}: {values}; last checkpoint: {saved}")
    return values


def _better(
    best: Best | None, step: int, decisive: str | None, values: Mapping[str, float]
) -> Best | None:
    """Return what is best now that a monitor has measured."""
    if decisive is None or (best is not None and best.value <= values[decisive]):
        return best
    return Best(step, decisive, values[decisive])


def _show(bar: "tqdm[None]", where: str, steps_left: int, values: dict[str, float]) -> None:
    """Show the values in the bar, or as a log line where there is no terminal."""
    speed = values["speed/steps_per_second"]
    summary = (
        f"D {values['loss/discriminator']:.3f}  G {values['loss/generator']:.3f}  "
        f"{values['speed/images_per_second']:.0f} img/s"
    )
    if bar.disable:
        left = tqdm.format_interval(steps_left / speed)
        logger.info("%s  %s  %.2f steps/s  %s left", where, summary, speed, left)
    else:
        bar.set_postfix_str(summary)
