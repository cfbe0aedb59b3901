"""The first rates to the end."""

import torch
from torch import Tensor

from sngan.schedule.base import Schedule


class Constant(Schedule):
    """No change, whatever the setting says of a decay."""

    needs_length = False

    def factor(self, completed: Tensor, total_steps: int) -> Tensor:
        """See `Schedule.factor`."""
        return torch.ones_like(completed)
