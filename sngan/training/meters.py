"""What the loop measures between two entries of its record."""

import torch
from torch import Tensor

from sngan.run_folder.metrics import Metrics
from sngan.step.iteration import Iteration, Losses
from sngan.system.device import peak_memory

LOSS_NAMES = ("loss/generator", "loss/discriminator", "penalty")
LOGGED = (*LOSS_NAMES, "speed/steps_per_second", "speed/images_per_second", "memory/peak_gib")
"""What an entry holds besides what monitors measure."""
GIB = 2**30


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


class Speed:
    """Speed since the previous measurement, and memory.

    Args:
        iteration: What is measured.
        metrics: Knows the time.
        device: Where it computes.
        step: Iterations completed so far.
    """

    def __init__(
        self, iteration: Iteration, metrics: Metrics, device: torch.device, step: int
    ) -> None:
        self._images = iteration.n_dis * iteration.batch_size
        self._metrics = metrics
        self._device = device
        self._step, self._seconds = step, metrics.seconds

    def take(self, step: int) -> dict[str, float]:
        """Return iterations and real pictures per second and the peak of memory, by name."""
        now = self._metrics.seconds
        speed = (step - self._step) / (now - self._seconds)
        self._step, self._seconds = step, now
        peak = peak_memory(self._device)
        return {
            "speed/steps_per_second": speed,
            "speed/images_per_second": speed * self._images,
            **({} if peak is None else {"memory/peak_gib": peak / GIB}),
        }
