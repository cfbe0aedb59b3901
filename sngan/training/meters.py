"""What the loop measures between two entries of its record."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from sngan.run_folder.metrics import Metrics
from sngan.step.iteration import Iteration, Losses
from sngan.system.device import peak_memory

LOSS_NAMES = ("loss/generator", "loss/discriminator", "penalty")
LOGGED = (
    *LOSS_NAMES, "speed/steps_per_second", "speed/images_per_second", "speed/share_besides",
    "memory/peak_gib",
)  # fmt: skip
"""What an entry holds besides what monitors measure."""
GIB = 2**30
SHORTEST = 1e-6  # Seconds; clocks of host and device differ by less.


class LossMeans:
    """Means of the losses since they were last taken, summed and counted on the device.

    Args:
        device: Where the losses are.
    """

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(len(LOSS_NAMES), device=device)
        self._count = torch.zeros((), dtype=torch.int64, device=device)
        # How many were finite before the first that was not: a sum says only that there was one.
        self._finite = torch.zeros((), dtype=torch.int64, device=device)

    def add(self, losses: Losses) -> None:
        """Add one iteration's losses; the discriminator's count with the mean over its updates."""
        self._sums += torch.stack([part.mean() for part in losses])
        self._count += 1
        self._finite += self._sums.isfinite().all()

    @property
    def first_not_finite(self) -> int | None:
        """How many iterations ago a loss was first not finite; None if all are. Waits."""
        bad = int(self._count - self._finite)
        return bad - 1 if bad else None

    def take(self) -> dict[str, float]:
        """Return the means by name and start anew; waits for the device."""
        means = (self._sums / self._count).tolist()
        self._sums.zero_()
        self._count.zero_()
        self._finite.zero_()
        return dict(zip(LOSS_NAMES, means, strict=True))

    def state_dict(self) -> dict[str, Tensor]:
        """Return the running sums."""
        return {"sums": self._sums, "count": self._count}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue where `state_dict` was taken."""
        self._sums.copy_(state["sums"])
        self._count.copy_(state["count"])
        self._finite.copy_(state["count"])  # No checkpoint is made of others.


class Besides:
    """Time that monitors, grids and checkpoints keep the device from training.

    On a CUDA device it is taken by marks in the queue of the device, which nobody waits for: what
    is still to be trained when a monitor begins is training.

    Args:
        metrics: Knows the time of the host.
        device: Where the training computes.
    """

    def __init__(self, metrics: Metrics, device: torch.device) -> None:
        self._metrics = metrics
        self._is_queued = device.type == "cuda"
        self._seconds = 0.0
        self._marks: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done meanwhile; not to be nested."""
        if self._is_queued:
            begin = _mark()
            yield
            self._marks.append((begin, _mark()))
        else:
            start = self._metrics.seconds
            yield
            self._seconds += self._metrics.seconds - start

    def take(self) -> float:
        """Return the seconds since they were last taken; the device must have been waited for."""
        seconds = self._seconds + sum(a.elapsed_time(b) for a, b in self._marks) / 1000
        self._seconds = 0.0
        self._marks.clear()
        return seconds


def _mark() -> torch.cuda.Event:
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


class Speed:
    """Speed of training since the previous measurement, what came besides, and memory.

    Args:
        iteration: What is measured.
        metrics: Knows the time.
        device: Where it computes.
        step: Iterations completed so far.

    Attributes:
        besides: Where the time is counted that is not training.
    """

    def __init__(
        self, iteration: Iteration, metrics: Metrics, device: torch.device, step: int
    ) -> None:
        self._images = iteration.n_dis * iteration.batch_size
        self._metrics = metrics
        self._device = device
        self.besides = Besides(metrics, device)
        self._step, self._seconds = step, metrics.seconds
        self._speed = 0.0
        self._all_training = self._all_besides = 0.0

    def take(self, step: int) -> dict[str, float]:
        """Return what was measured since the last time, by name; the device was waited for.

        Iterations and real pictures per second are those of training alone. The share of the time
        that monitors, grids and checkpoints took stands beside them, and the peak of memory.
        """
        now = self._metrics.seconds
        passed = now - self._seconds
        besides = min(self.besides.take(), passed)
        training = max(passed - besides, SHORTEST)
        self._speed = speed = (step - self._step) / training
        self._step, self._seconds = step, now
        self._all_training += training
        self._all_besides += besides
        peak = peak_memory(self._device)
        return {
            "speed/steps_per_second": speed,
            "speed/images_per_second": speed * self._images,
            "speed/share_besides": besides / passed,
            **({} if peak is None else {"memory/peak_gib": peak / GIB}),
        }

    def left(self, steps: int) -> float:
        """Return the seconds that more iterations take, with what came besides those so far."""
        return steps / self._speed * (1 + self._all_besides / self._all_training)
