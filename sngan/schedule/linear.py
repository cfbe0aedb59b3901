"""Constant at first, then linearly to 0.

The paper (https://arxiv.org/abs/1802.05957) names no schedule but ImageNet's. Authors' code:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/train.py
"""

from torch import Tensor

from sngan.schedule.base import Schedule
from sngan.system.declared import Decay, checked


class Linear(Schedule):
    """Rates that are constant first and then fall linearly to 0.

    The last iteration is the last with a rate above zero (the authors' ``LinearShift``, counted in
    G updates).

    Args:
        start: Where the decay begins, as a fraction of the run; None for no decay.
    """

    @checked
    def __init__(self, start: Decay | None = None) -> None:
        self.start = start
        self.needs_length = start is not None

    def factor(self, completed: Tensor, total_steps: int) -> Tensor:
        """See `Schedule.factor`."""
        begin = total_steps if self.start is None else round(self.start * total_steps)
        # A start so late that rounding reaches the end decays within the last iteration.
        left = (total_steps - completed) / max(1, total_steps - begin)
        return left.clamp(0, 1)
