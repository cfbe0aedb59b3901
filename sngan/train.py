"""The training loop."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from sngan import checkpoint
from sngan.batches import Splits
from sngan.checkpoint import Best
from sngan.interruption import Interruption
from sngan.iteration import Iteration, Losses
from sngan.monitor.base import Monitor
from sngan.random_state import random_state, restore_random_state
from sngan.record import Metrics
from sngan.sample import save_grid
from sngan.settings import require_positive

logger = logging.getLogger(__name__)

LOSS_NAMES = ("loss/generator", "loss/discriminator", "penalty")
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


def train(
    *,
    iteration: Iteration,  # One G update and n_dis D updates.
    schedulers: Sequence[LRScheduler],  # Stepped once per iteration.
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
) -> Result:
    """Train, from the start or from a checkpoint, to the end or to the first Ctrl-C.

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
    step, seconds = 0, 0.0
    best: Best | None = None
    if resume_from is not None:
        step, seconds = resume_from["step"], resume_from["seconds"]
        _restore(resume_from, iteration, schedulers, losses, device)
        checkpoint.discard_after(folder, step)
        best = Best(**resume_from["best"]) if resume_from.get("best") else None
    metrics = Metrics(folder / "metrics.jsonl", step, seconds)
    logged = (step, metrics.seconds)
    saved = checkpoint.path_for(folder, step) if step else None
    bar = tqdm(initial=step, total=total_steps, unit="step", disable=None, smoothing=0.05)

    def save() -> Path:
        path = checkpoint.path_for(folder, step)
        progress = {
            "step": step,
            "seconds": metrics.seconds,
            "config": config,
            "best": None if best is None else asdict(best),
        }
        checkpoint.save(path, progress | _state(iteration, schedulers, losses, device))
        checkpoint.prune(folder, keep_checkpoints, best)
        return path

    with bar, logging_redirect_tqdm(), Interruption() as interruption:
        stop = step >= total_steps
        while not stop:
            losses.add(iteration())
            for scheduler in schedulers:
                scheduler.step()
            step += 1
            bar.update()
            last = step == total_steps
            stop = last or interruption.requested  # Read once: a signal may come at any moment.

            if last or step % log_every == 0:
                values = losses.take()
                if not all(map(math.isfinite, values.values())):
                    raise DivergenceError(f"step {step}: {values}; last checkpoint: {saved}")
                speed = (step - logged[0]) / (metrics.seconds - logged[1])
                logged = (step, metrics.seconds)
                values["speed/steps_per_second"] = speed
                values["speed/images_per_second"] = speed * iteration.n_dis * iteration.batch_size
                metrics.log(step, values)
                _show(bar, step, total_steps, values)

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


def _better(
    best: Best | None, step: int, decisive: str | None, values: Mapping[str, float]
) -> Best | None:
    """Return what is best now that a monitor has measured."""
    if decisive is None or (best is not None and best.value <= values[decisive]):
        return best
    return Best(step, decisive, values[decisive])


class LossMeans:
    """Means of the losses since they were last taken, summed on the device.

    Args:
        device: Where the losses are.
    """

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(len(LOSS_NAMES), device=device)
        self._count = 0

    def add(self, losses: Losses) -> None:
        """Add one iteration's losses; the discriminator's count with the mean over its updates."""
        self._sums += torch.stack([part.mean() for part in losses])
        self._count += 1

    def take(self) -> dict[str, float]:
        """Return the means by name and start anew; waits for the device."""
        means = (self._sums / self._count).tolist()
        self._sums.zero_()
        self._count = 0
        return dict(zip(LOSS_NAMES, means, strict=True))

    def state_dict(self) -> dict[str, Tensor | int]:
        """Return the running sums."""
        return {"sums": self._sums, "count": self._count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        self._sums.copy_(state["sums"])
        self._count = state["count"]


def _state(
    iteration: Iteration,
    schedulers: Sequence[LRScheduler],
    losses: LossMeans,
    device: torch.device,
) -> dict[str, Any]:
    return {
        "iteration": iteration.state_dict(),
        "schedulers": [scheduler.state_dict() for scheduler in schedulers],
        "losses": losses.state_dict(),
        "random": random_state(device),
    }


def _restore(
    state: dict[str, Any],
    iteration: Iteration,
    schedulers: Sequence[LRScheduler],
    losses: LossMeans,
    device: torch.device,
) -> None:
    iteration.load_state_dict(state["iteration"])
    for scheduler, saved in zip(schedulers, state["schedulers"], strict=True):
        scheduler.load_state_dict(saved)
    losses.load_state_dict(state["losses"])
    restore_random_state(state["random"], device)


def _show(bar: "tqdm[None]", step: int, total_steps: int, values: dict[str, float]) -> None:
    """Show the values in the bar, or as a log line where there is no terminal."""
    speed = values["speed/steps_per_second"]
    summary = (
        f"D {values['loss/discriminator']:.3f}  G {values['loss/generator']:.3f}  "
        f"{values['speed/images_per_second']:.0f} img/s"
    )
    if bar.disable:
        left = tqdm.format_interval((total_steps - step) / speed)
        logger.info(
            "step %d/%d  %s  %.2f steps/s  %s left", step, total_steps, summary, speed, left
        )
    else:
        bar.set_postfix_str(summary)
