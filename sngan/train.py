"""The training loop."""

import logging
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from sngan import checkpoint
from sngan.capture import captured
from sngan.checkpoint import Best
from sngan.iteration import Iteration
from sngan.meters import LossMeans, Speed
from sngan.monitor.base import Monitor
from sngan.random_state import random_state, restore_random_state
from sngan.record import Metrics
from sngan.sample import save_grid
from sngan.schedule import LinearDecay
from sngan.settings import require_positive
from sngan.splits import Splits

logger = logging.getLogger(__name__)

GRID_SIZE = 100


class DivergenceError(FloatingPointError):
    """A loss is not finite any more."""


@dataclass(frozen=True)
class Result:
    """How a call of `train` ended.

    Attributes:
        step: Completed iterations.
        interrupted: Whether a signal stopped it before its end.
        checkpoint: The newest checkpoint, at `step`.
        best: The best one, if a monitor says what is good.
    """

    step: int
    interrupted: bool
    checkpoint: Path
    best: Best | None


Run = Generator[None, bool, Result]
"""A training in progress: it rests after every iteration, and is told whether to stop."""


def train(
    *,
    iteration: Iteration,  # One G update and n_dis D updates.
    schedule: LinearDecay,  # Stepped once per iteration.
    monitors: Sequence[Monitor] = (),  # Each with a cadence of its own.
    splits: Splits,  # What monitors look at.
    folder: Path,  # The run's folder; exists.
    config: dict[str, Any],  # JSON-able; goes into every checkpoint.
    device: torch.device,
    seed: int,  # Of the sample grid's noise.
    total_steps: int,  # Iterations.
    log_every: int,  # Iterations; the only point that waits for the device.
    sample_every: int,  # Iterations.
    checkpoint_every: int,  # Iterations.
    keep_checkpoints: int | None = None,  # Newest ones to keep; None keeps all.
    resume_from: dict[str, Any] | None = None,  # A checkpoint's content.
    cuda_graph: bool = True,  # Record the iteration, where the device is a CUDA device.
    label: str = "",  # Tells runs apart that share a terminal.
) -> Run:
    """Train, from the start or from a checkpoint, to the end or until told to stop.

    It rests before the first iteration and after each, so that several runs can take turns; see
    `sngan.pack`.

    Yields:
        None; what is sent after an iteration says whether to save and stop.

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
    losses = LossMeans(device)

    def update() -> None:
        losses.add(iteration.update())
        schedule.step()

    step, seconds = 0, 0.0
    best: Best | None = None
    if resume_from is not None:
        step, seconds = resume_from["step"], resume_from["seconds"]
        _restore(resume_from, iteration, schedule, losses, device)
        checkpoint.discard_after(folder, step)
        best = Best(**resume_from["best"]) if resume_from.get("best") else None
    metrics = Metrics(folder / "metrics.jsonl", step, seconds)
    speed = Speed(iteration, metrics, device, step)
    saved = checkpoint.path_for(folder, step) if step else None
    launch = captured(update, device) if cuda_graph else update
    bar = tqdm(
        desc=label or None,
        initial=step,
        total=total_steps,
        unit="step",
        disable=None,
        smoothing=0.05,
    )

    def save() -> Path:
        path = checkpoint.path_for(folder, step)
        progress = {
            "step": step,
            "seconds": metrics.seconds,
            "config": config,
            "best": None if best is None else asdict(best),
        }
        checkpoint.save(path, progress | _state(iteration, losses, device))
        checkpoint.prune(folder, keep_checkpoints, best)
        return path

    with bar:
        stop = step >= total_steps
        yield
        while not stop:
            iteration.prepare()
            launch()
            step += 1
            bar.update()
            last = step == total_steps
            stop = (yield) or last

            if last or step % log_every == 0:
                values = _finite(losses.take(), step, saved) | speed.take(step)
                metrics.log(step, values)
                where = f"{label} step {step}/{total_steps}".lstrip()
                _show(bar, where, total_steps - step, values)

            if stop or step % checkpoint_every == 0:  # Before monitors: one of them may fail.
                saved = save()

            for monitor in monitors:
                if last or step % monitor.every == 0:
                    values = monitor(iteration, splits)
                    metrics.log(step, values)
                    best = _better(best, step, monitor.decisive, values)
            if best is not None and best.step == step:
                saved = save()
                best.write(folder)

            if last or step % sample_every == 0:
                grid = folder / "samples" / f"step_{step:07d}.png"
                save_grid(grid, iteration.generator, GRID_SIZE, seed, device)

    return Result(step, step < total_steps, checkpoint.path_for(folder, step), best)


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


def _state(iteration: Iteration, losses: LossMeans, device: torch.device) -> dict[str, Any]:
    return {
        "iteration": iteration.state_dict(),
        "losses": losses.state_dict(),
        "random": random_state(device),
    }


def _restore(
    state: dict[str, Any],
    iteration: Iteration,
    schedule: LinearDecay,
    losses: LossMeans,
    device: torch.device,
) -> None:
    iteration.load_state_dict(state["iteration"])
    schedule.resume(state["step"])
    losses.load_state_dict(state["losses"])
    restore_random_state(state["random"], device)


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
