"""Learning rates over a run.

The paper (https://arxiv.org/abs/1802.05957) names no schedule but ImageNet's. Authors' code:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/train.py
"""

from collections.abc import Sequence

import torch
from torch.optim import SGD, Optimizer

from sngan.system.declared import Decay, Steps, checked


class LinearDecay:
    """Learning rates that are constant first and then fall linearly to 0.

    They are tensors on the device, and so is the number of completed iterations: a step is part of
    what `sngan.training.capture` records. The last iteration is the last with a rate above zero
    (the authors' ``LinearShift``, counted in G updates).

    Args:
        optimizers: They get their rates from here from now on; so far they have the first ones.
        start: Where the decay begins, as a fraction of the run; None for no decay.
        total_steps: Length of the run in iterations.
        device: Where the optimizers' parameters are.

    Attributes:
        rates: The present rates, one per group of parameters, ``(n,)``.

    Raises:
        ValueError: If ``start`` is outside [0, 1), the length below 1, or an optimizer's way to
            compute does not know such rates.
    """

    @checked
    def __init__(
        self,
        optimizers: Sequence[Optimizer],
        start: Decay | None,
        total_steps: Steps,
        device: torch.device,
    ) -> None:
        begin = total_steps if start is None else round(start * total_steps)
        # A start so late that rounding reaches the end decays within the last iteration.
        self._length = max(1, total_steps - begin)
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
        left = (self._total_steps - self._completed) / self._length
        self.rates.copy_(self._first_rates * left.clamp(0, 1))


def _bring_counters(optimizer: Optimizer) -> None:
    """Bring counters of updates, which may come from another device, to the parameters."""
    for parameter, state in optimizer.state.items():
        if isinstance(state.get("step"), torch.Tensor):
            state["step"] = state["step"].to(parameter.device)
