"""Learning rates over a run, where a recorded iteration finds them: on the device."""

from collections.abc import Sequence

import torch
from torch.optim import SGD, Optimizer

from sngan.schedule.base import Schedule
from sngan.system.declared import Steps, checked


class LearningRates:
    """The learning rates of some optimizers, moved by a schedule.

    They are tensors on the device, and so is the number of completed iterations: a step is part of
    what `sngan.training.capture` records.

    Args:
        optimizers: They get their rates from here from now on; so far they have the first ones.
        schedule: What they are multiplied with from iteration to iteration.
        total_steps: Length of the run in iterations.
        device: Where the optimizers' parameters are.

    Attributes:
        rates: The present rates, one per group of parameters, ``(n,)``.

    Raises:
        ValueError: If the length is below 1, or an optimizer's way to compute does not know such
            rates.
    """

    @checked
    def __init__(
        self,
        optimizers: Sequence[Optimizer],
        schedule: Schedule,
        total_steps: Steps,
        device: torch.device,
    ) -> None:
        self._schedule = schedule
        self._total_steps = total_steps
        self._optimizers = optimizers
        rates = [float(group["lr"]) for optimizer in optimizers for group in optimizer.param_groups]
        self._first_rates = torch.tensor(rates, device=device)
        self._completed = torch.zeros((), dtype=torch.float64, device=device)
        self.rates = self._first_rates.clone()
        self.resume(0)

    def step(self) -> None:
        """Set the rates for the next iteration, when one is completed."""
        self._completed += 1
        self._update()

    def resume(self, completed: int) -> None:
        """Set the rates for the iteration after so many, also in optimizers that were loaded."""
        self._completed.fill_(completed)
        self._update()
        groups = [group for optimizer in self._optimizers for group in optimizer.param_groups]
        for group, rate in zip(groups, self.rates.unbind(), strict=True):
            if group.get("foreach") and not rate.is_cuda:
                raise ValueError(
                    "optimizer.foreach=true needs a CUDA device: its rates are tensors; "
                    "optimizer.fused=true is for every device"
                )
            group["lr"] = rate
            if "capturable" in group:  # PyTorch's optimizers insist on it for a CUDA graph.
                group["capturable"] = rate.is_cuda
        for optimizer in self._optimizers:
            # They would warn of the first updates, which are made before any is recorded.
            optimizer._warned_capturable_if_run_uncaptured = True
            _bring_counters(optimizer)

    @property
    def keeps_nothing_on_host(self) -> bool:
        """Whether the optimizers' updates are known to be the same operations every time."""
        return all(
            isinstance(optimizer, SGD) or all("capturable" in x for x in optimizer.param_groups)
            for optimizer in self._optimizers
        )

    def _update(self) -> None:
        factor = self._schedule.factor(self._completed, self._total_steps)
        self.rates.copy_(self._first_rates * factor)


def _bring_counters(optimizer: Optimizer) -> None:
    """Bring counters of updates, which may come from another device, to the parameters."""
    for parameter, state in optimizer.state.items():
        if isinstance(state.get("step"), torch.Tensor):
            state["step"] = state["step"].to(parameter.device)
