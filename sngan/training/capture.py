"""A whole iteration as one CUDA graph: a thousand small operations launched at once.

A graph repeats the very operations that it saw, at the same places in memory. So all that changes
must be on the device: places in the data, learning rates, random state, counters.
"""

import logging
from collections.abc import Callable

import torch

from sngan.system.random_state import cuda_generator

logger = logging.getLogger(__name__)

WARM_UP = 3  # Calls after which lazily made state is there and libraries have chosen algorithms.


def captured(function: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """Return the function as `CapturedFunction` on a CUDA device, and as it is elsewhere.

    Args:
        function: Its effects on the device are its only ones, at every call the same operations.
        device: Where it computes.
    """
    return CapturedFunction(function, device) if device.type == "cuda" else function


class CapturedFunction:
    """A function that is recorded as a CUDA graph at one of its first calls, then replayed.

    Every call has the effect of a call of the function. One that cannot be recorded goes on
    operation by operation, after one line in the log.

    Args:
        function: Its effects on the device are its only ones.
        device: A CUDA device.
    """

    def __init__(self, function: Callable[[], None], device: torch.device) -> None:
        self._function = function
        self._device = device
        self._stream = torch.cuda.Stream(device)  # Recording works on none but a stream of its own.
        self._warm_up = WARM_UP
        self._replay: Callable[[], None] | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether calls replay a graph."""
        return self._replay is not None and self._replay != self._run

    def __call__(self) -> None:
        """Have the effect of a call."""
        if self._replay is None and self._warm_up == 0:
            self._replay = self._record()
        if self._replay is None:
            self._warm_up -= 1
            self._run()
        else:
            self._replay()

    def _run(self) -> None:
        """Call the function on the stream on which it will be recorded."""
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._stream):
            self._function()
        torch.cuda.current_stream(self._device).wait_stream(self._stream)

    def _record(self) -> Callable[[], None]:
        """Return what replays the function, or the function itself if it cannot be recorded."""
        random, stream = cuda_generator(self._device), torch.cuda.current_stream(self._device)
        before = random.clone_state()
        graph = torch.cuda.CUDAGraph()
        try:
            # Threads that read pictures may go on: only this one is watched for what cannot be
            # recorded.
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                self._function()
        except RuntimeError as error:
            # What was cut off may leave both in the middle of a recording.
            random.graphsafe_set_state(before)
            torch.cuda.set_stream(stream)
            reason = str(error).partition("\n")[0]
            logger.warning("no CUDA graph, running operation by operation: %s", reason)
            return self._run
        return graph.replay
