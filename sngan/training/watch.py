"""What is looked at while a run trains: monitors measure it, grids show its samples."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from sngan.average.base import Average
from sngan.monitor.base import Monitor
from sngan.run_folder.folder import Best, RunFolder
from sngan.run_folder.metrics import Metrics
from sngan.sampling.samples import save_grid
from sngan.step.iteration import Iteration
from sngan.step.splits import Splits
from sngan.training.meters import LOGGED, Besides

GRID_SIZE = 100


class Watch:
    """Looks at a training when it is time to, and leaves it as it was.

    Args:
        monitors: Each with a cadence of its own.
        splits: What monitors look at.
        folder: Of the run.
        metrics: Where values are logged.
        sample_every: Iterations between two grids.
        seed: Of the noise of the grids.
        device: Where the training computes.
        best: The best checkpoint so far.
        besides: Where the time that it takes is counted.
        show: Called with the step and place of every grid.
        average: Of G's weights, which has grids of its own.

    Attributes:
        best: The best checkpoint so far, if a monitor says what is good.
    """

    def __init__(
        self,
        monitors: Sequence[Monitor],
        splits: Splits,
        folder: RunFolder,
        metrics: Metrics,
        *,
        sample_every: int,
        seed: int,
        device: torch.device,
        best: Best | None,
        besides: Besides,
        show: Callable[[int, Path], None],
        average: Average | None = None,
    ) -> None:
        self.best = best
        self._monitors = monitors
        self._splits = splits
        self._folder = folder
        self._metrics = metrics
        self._sample_every = sample_every
        self._seed = seed
        self._device = device
        self._besides = besides
        self._show = show
        self._average = average

    def look(self, iteration: Iteration, step: int, *, last: bool) -> Best | None:
        """Do what is due after an iteration.

        Args:
            iteration: The training.
            step: Completed iterations.
            last: Whether these are all, at which everything is due.

        Returns:
            What is noted of this iteration, if it is the best so far.
        """
        for monitor in self._monitors:
            if last or step % monitor.every == 0:
                with self._besides.counted():
                    values = monitor(iteration, self._splits)
                self._metrics.log(step, values)
                self._compare(step, monitor.decisive, values)
        # Always of the same noise, with the running statistics of batch norm.
        if last or step % self._sample_every == 0:
            grid = self._folder.grid(step)
            with self._besides.counted():
                save_grid(grid, iteration.generator, GRID_SIZE, self._seed, self._device)
                if self._average is not None:
                    place = self._folder.grid(step, "average")
                    save_grid(place, self._average.generator, GRID_SIZE, self._seed, self._device)
            self._show(step, grid)
        return self.best if self.best is not None and self.best.step == step else None

    def look_again(self, iteration: Iteration, step: int, *, last: bool) -> Best | None:
        """Do `look` where a kill may have cut it off."""
        self._metrics.forget(step, but=(*LOGGED, *iteration.augmentation.measured()))
        return self.look(iteration, step, last=last)

    def _compare(self, step: int, decisive: str | None, values: dict[str, float]) -> None:
        """Keep the smallest of the values that say what is good."""
        if decisive is not None and (self.best is None or values[decisive] < self.best.value):
            self.best = Best(step, decisive, values[decisive])
