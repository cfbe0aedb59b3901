"""Contestants take turns in one process, so that a machine's moods meet all of them."""

import gc
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from scripts.benchmark.numerics import Switches, kept_switches, restore, switches

logger = logging.getLogger(__name__)

Step = Callable[[], object]
"""One training iteration."""

SLOW = 1.0  # Seconds of an iteration on a CPU from which on warming up takes two of them only.
MORE_WARM_UP = 3  # At one of these ours is recorded as a graph; the next ones tell its speed.


@dataclass(frozen=True)
class Contestant:
    """Something to time.

    Attributes:
        name: What tables call it.
        build: Returns its iteration, ready to run.
    """

    name: str
    build: Callable[[], Step]


@dataclass
class Timing:
    """What became of a contestant.

    Attributes:
        name: Its name.
        iterations: In each timed block.
        seconds: Per iteration, one entry per round.
        peak_memory: Bytes on the GPU that it added at most while it was built and warmed up; None
            on other devices.
        error: Why there are no further entries, if it failed.
    """

    name: str
    iterations: int = 0
    seconds: list[float] = field(default_factory=list)
    peak_memory: int | None = None
    error: str | None = None


@dataclass
class _Entrant:
    timing: Timing
    step: Step
    switches: Switches


def race(
    contestants: Sequence[Contestant], device: torch.device, rounds: int, block_seconds: float
) -> list[Timing]:
    """Time a block of iterations of each in turn, several rounds.

    One that fails is left out from then on, and its timing says why; others go on.

    Args:
        contestants: All are built first and stay until the end.
        device: Waited for at both ends of a block.
        rounds: Blocks of each.
        block_seconds: About how long a block takes; an iteration at least.
    """
    timings = [Timing(contestant.name) for contestant in contestants]
    with kept_switches():
        defaults = switches()
        entrants: list[_Entrant | None] = []
        for contestant, timing in zip(contestants, timings, strict=True):
            restore(defaults)
            entrants.append(_attempt(_enter, contestant, timing, device, block_seconds))
        for _ in range(rounds):
            entrants = [
                entrant and _attempt(_block, entrant, entrant.timing, device)
                for entrant in entrants
            ]
    entrants.clear()
    gc.collect()  # Networks and optimizers of a race are gone before the next one.
    return timings


def seconds_per_iteration(step: Step, iterations: int, device: torch.device) -> float:
    """Run some iterations and return how long each took."""
    _wait(device)
    start = time.perf_counter()
    for _ in range(iterations):
        step()
    _wait(device)
    return (time.perf_counter() - start) / iterations


def _attempt(
    action: Callable[..., _Entrant], subject: object, timing: Timing, *others: object
) -> _Entrant | None:
    """Return what the action makes of its subject, or None and a note if it fails."""
    try:
        return action(subject, timing, *others)
    except Exception as error:
        timing.error = f"{type(error).__name__}: {error}".splitlines()[0]
        logger.warning("%s is left out: %s", timing.name, timing.error, exc_info=True)
        return None


def _enter(
    contestant: Contestant, timing: Timing, device: torch.device, block_seconds: float
) -> _Entrant:
    """Build a contestant, warm it up and see how many iterations make a block."""
    gc.collect()
    before = _memory(device)
    step = contestant.build()
    seconds = [seconds_per_iteration(step, 1, device) for _ in range(2)]
    if seconds[1] < SLOW or device.type == "cuda":
        seconds += [seconds_per_iteration(step, MORE_WARM_UP, device) for _ in range(2)]
    timing.iterations = max(1, round(block_seconds / seconds[-1]))
    if device.type == "cuda":
        timing.peak_memory = torch.cuda.max_memory_allocated(device) - before
    return _Entrant(timing, step, switches())


def _block(entrant: _Entrant, timing: Timing, device: torch.device) -> _Entrant:
    """Time a block; an iteration before it, if it is short, meets what the others left.

    Workers of a loader wait with full queues after a while: batches that nobody has paid for.
    """
    restore(entrant.switches)
    if timing.iterations > 1:
        entrant.step()
    timing.seconds.append(seconds_per_iteration(entrant.step, timing.iterations, device))
    return entrant


def _memory(device: torch.device) -> int:
    """Return the bytes in use on the GPU, from where a new peak is counted."""
    if device.type != "cuda":
        return 0
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_allocated(device)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
