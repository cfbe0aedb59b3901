"""What a monitor promises: to look, and to leave everything as it was."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from sngan.architecture.base import Generator
from sngan.average.base import Average
from sngan.dataset.base import Split
from sngan.step.iteration import Iteration
from sngan.step.splits import Splits
from sngan.system.declared import Steps, checked
from sngan.system.random_state import kept_random_state


class Monitor(ABC):
    """Measures something of a run every so often.

    Args:
        every: Iterations between two measurements, at least 1.

    Attributes:
        uses: Splits it will ask for, so that a missing one shows before the training.
        decisive: Which of its values is the smaller the better the run is; the checkpoint where
            it is smallest is kept. None if none is.
        average: The average of G's weights, if the run has one; there before `check`.

    Raises:
        ValueError: If ``every`` is below 1.
    """

    uses: tuple[Split, ...] = ()
    decisive: str | None = None
    average: Average | None = None

    @checked
    def __init__(self, every: Steps) -> None:
        self.every = every

    def check(self, generator: Generator, splits: Splits) -> None:  # noqa: B027 - most need none.
        """Raise now what `measure` would raise for want of pictures, after hours of training.

        Args:
            generator: What will be measured.
            splits: The pictures.

        Raises:
            ValueError: If there are too few.
        """

    @abstractmethod
    def measure(self, iteration: Iteration, splits: Splits) -> dict[str, float]:
        """Return values by name; random numbers and buffers may be used up.

        Args:
            iteration: The running training.
            splits: Pictures, and batches of them, newly shuffled, which are not those that train.
        """

    def __call__(self, iteration: Iteration, splits: Splits) -> dict[str, float]:
        """Measure without a trace."""
        with undisturbed(iteration):
            return self.measure(iteration, splits)


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
