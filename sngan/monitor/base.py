"""What a monitor promises: to look, and to leave everything as it was."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sngan.dataset.base import Split
from sngan.iteration import BatchSource, Iteration
from sngan.random_state import kept_random_state
from sngan.settings import require_positive

BatchesOf = Callable[[Split], BatchSource]
"""Returns batches of a split, newly shuffled, which are not those that train."""


class Monitor(ABC):
    """Measures something of a run every so often.

    Args:
        name: Its name in the ``monitor`` group.
        every: Iterations between two measurements, at least 1.

    Attributes:
        splits: Those it will ask for, so that a missing one shows before the training.

    Raises:
        ValueError: If ``every`` is below 1.
    """

    splits: tuple[Split, ...] = ()

    def __init__(self, name: str, every: int) -> None:
        require_positive(**{f"monitor.{name}.every": every})
        self.every = every

    @abstractmethod
    def measure(self, iteration: Iteration, batches_of: BatchesOf) -> dict[str, float]:
        """Return values by name; random numbers and buffers may be used up.

        Args:
            iteration: The running training.
            batches_of: Gives pictures.
        """

    def __call__(self, iteration: Iteration, batches_of: BatchesOf) -> dict[str, float]:
        """Measure without a trace."""
        with undisturbed(iteration):
            return self.measure(iteration, batches_of)


@contextmanager
def undisturbed(iteration: Iteration) -> Iterator[None]:
    """Bring back random state, power iterations and batch norm statistics afterwards."""
    networks = (iteration.generator, iteration.discriminator)
    device = next(iteration.generator.parameters()).device
    buffers = [(buffer, buffer.clone()) for network in networks for buffer in network.buffers()]
    with kept_random_state(device):
        try:
            yield
        finally:
            for buffer, before in buffers:
                buffer.copy_(before)
