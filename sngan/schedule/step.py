"""Down by a factor at each of some points of the run, as PyTorch's ``MultiStepLR``."""

from collections.abc import Sequence
from typing import Annotated

import torch
from annotated_types import Len
from torch import Tensor

from sngan.schedule.base import Schedule
from sngan.system.declared import Share, checked


class Step(Schedule):
    """Rates that are multiplied by ``gamma`` at each milestone.

    Args:
        milestones: Points of the run, as fractions of it.
        gamma: The factor.
    """

    @checked
    def __init__(
        self, milestones: Annotated[Sequence[Share], Len(1, 32)] = (0.5, 0.75), gamma: Share = 0.1
    ) -> None:
        self.milestones = milestones
        self.gamma = gamma

    def factor(self, completed: Tensor, total_steps: int) -> Tensor:
        """See `Schedule.factor`."""
        # Compared one by one: a tensor of milestones would have to be brought to the device.
        passed = [completed >= round(point * total_steps) for point in self.milestones]
        return torch.pow(self.gamma, torch.stack(passed).sum().to(completed.dtype))
