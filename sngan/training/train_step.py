"""One call trains once: what the loop repeats, also for benchmarks and tests.

One update of G, ``n_dis`` updates of D, then the rates of the next. What an update is in the paper
(https://arxiv.org/abs/1802.05957) is in `sngan.step.iteration`. In the authors' code this file is
Chainer's trainer, to which they add a schedule and a report of losses:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/train.py
"""

import logging
from collections.abc import Mapping
from typing import Any

import torch

from sngan.average.base import Average
from sngan.step.iteration import Iteration
from sngan.system.random_state import RandomState
from sngan.system.states import States
from sngan.training.capture import CapturedFunction, captured
from sngan.training.meters import LossMeans
from sngan.training.schedule import LearningRates

logger = logging.getLogger(__name__)


class TrainStep:
    """An iteration with what goes with it: its losses are summed, learning rates move on.

    On a CUDA device all of it is recorded once and then launched as one graph.

    Args:
        iteration: One G update and n_dis D updates.
        schedule: Moved after each iteration.
        device: Where it computes.
        cuda_graph: Whether to record, where the device is a CUDA device.
        average: Of G's weights, moved after each iteration; None for none.

    Attributes:
        losses: Means since they were last taken.
        states: What a checkpoint must hold to continue; whoever adds to the training adds here.
    """

    def __init__(
        self,
        iteration: Iteration,
        schedule: LearningRates,
        device: torch.device,
        cuda_graph: bool = True,
        average: Average | None = None,
    ) -> None:
        self.iteration = iteration
        self.average = average
        self.schedule = schedule
        # Summed on the device: reading them after every iteration would wait for each.
        self.losses = LossMeans(device)
        # Registered, not listed where checkpoints are written: a part that is added here is saved
        # and restored without the loop. The schedule follows from the number of iterations.
        self.states = States(
            iteration=iteration.states, losses=self.losses, random=RandomState(device)
        )
        if average is not None:
            self.states.add("average", average)

        # A graph repeats what it saw, also the count of updates that an optimizer keeps in Python.
        if cuda_graph and device.type == "cuda" and not schedule.keeps_nothing_on_host:
            logger.warning(
                "no CUDA graph, running operation by operation: the optimizer may count on the host"
            )
            cuda_graph = False
        self._launch = captured(self.update, device) if cuda_graph else self.update

    def __call__(self) -> None:
        """Train once; does not wait for the device."""
        # What only the host can do stays outside of the recording: to draw the order of pictures.
        self.iteration.prepare()
        self._launch()

    def update(self) -> None:
        """Do the device's share, on the pictures that ``iteration.prepare`` has chosen."""
        self.losses.add(self.iteration.update())
        if self.average is not None:
            self.average.update()
        # Counted in iterations, that is in updates of G; D's n_dis updates have the same rate.
        self.schedule.step()

    def augmented(self) -> dict[str, float]:
        """Return what is known of the augmentation by name; waits for the device."""
        measured = self.iteration.augmentation.measured()
        return {name: value.item() for name, value in measured.items()}

    @property
    def is_recorded(self) -> bool:
        """Whether calls replay a graph."""
        return isinstance(self._launch, CapturedFunction) and self._launch.is_recorded

    def resume(self, state: Mapping[str, Any]) -> None:
        """Continue where a checkpoint was taken.

        Args:
            state: Its content: that of `states`, and ``step``.

        Raises:
            ValueError: If it does not fit the networks or the data.
        """
        # The schedule last: loaded optimizers bring rates that are not its tensors.
        self.states.load_state_dict(state)
        self.schedule.resume(state["step"])
