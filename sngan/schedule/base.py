"""What a schedule promises: a factor on the first learning rates, for every iteration."""

from abc import ABC, abstractmethod

from torch import Tensor


class Schedule(ABC):
    """A factor on all learning rates that depends on nothing but how far the run is.

    Attributes:
        needs_length: Whether it is another one when the run is longer.
    """

    needs_length: bool = True

    @abstractmethod
    def factor(self, completed: Tensor, total_steps: int) -> Tensor:
        """Return what the first rates are multiplied with in the next iteration.

        It is part of what is recorded once on a GPU: the same operations every time, and nothing
        that waits for the device.

        Args:
            completed: Iterations that are done, a float64 scalar on the device.
            total_steps: Length of the run in iterations.

        Returns:
            The factor, scalar, at least 0.
        """
