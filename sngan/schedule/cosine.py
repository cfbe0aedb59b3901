"""Half a cosine (https://arxiv.org/abs/1608.03983, Eq. 5, without restarts)."""

import math

from torch import Tensor

from sngan.schedule.base import Schedule
from sngan.system.declared import Decay, Share, checked


class Cosine(Schedule):
    """Rates that are constant first and then fall to a share of themselves along half a cosine.

    Args:
        start: Where the decay begins, as a fraction of the run.
        end: The share of the first rates that is left after the last iteration.
    """

    @checked
    def __init__(self, start: Decay = 0.0, end: Share = 0.0) -> None:
        self.start = start
        self.end = end

    def factor(self, completed: Tensor, total_steps: int) -> Tensor:
        """See `Schedule.factor`."""
        begin = round(self.start * total_steps)
        done = ((completed - begin) / max(1, total_steps - begin)).clamp(0, 1)
        return self.end + (1 - self.end) * (1 + (math.pi * done).cos()) / 2
