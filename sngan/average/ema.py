"""The exponential moving average of G's weights."""

from typing import Annotated

from annotated_types import Interval
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.average.base import Average
from sngan.system.declared import Decay, checked

Start = Annotated[int, Interval(ge=0, le=10**9)]


class ExponentialMovingAverage(Average):
    """``average = d average + (1 - d) G`` after each iteration, from that after ``start`` on.

    Until then the average is G itself, as in BigGAN and compare_gan
    (https://github.com/google/compare_gan/blob/25c4945/compare_gan/gans/modular_gan.py). From
    then on ``d`` is ``decay``, or with ``warm_up`` at most ``(1 + t) / (10 + t)`` in the ``t``-th
    iteration, as in https://www.tensorflow.org/api_docs/python/tf/train/ExponentialMovingAverage:
    the first weights, which are noise, are forgotten at once and not in thousands of iterations.

    Args:
        generator: See `Average`.
        decay: What of the average stays; about ``1 / (1 - decay)`` iterations count.
        start: Iterations before the average begins.
        warm_up: Whether the decay grows to what it is.
    """

    @checked
    def __init__(
        self,
        generator: Generator,
        decay: Decay = 0.999,
        start: Start = 0,
        warm_up: bool = True,
    ) -> None:
        super().__init__(generator)
        self.decay = decay
        self.start = start
        self.warm_up = warm_up

    def share(self, updates: Tensor) -> Tensor:
        """See `Average.share`."""
        t = (updates - self.start).clamp(min=0).double()
        # 0 until the average begins.
        decay = (t > 0).double() * self.decay
        if self.warm_up:
            decay = decay.minimum((1 + t) / (10 + t))
        return 1 - decay
