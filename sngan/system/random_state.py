"""Seeding, and the state of every random source that training draws from.

All randomness of sngan is PyTorch's: one generator on the CPU (initial weights, and everything of a
CPU run) and one on the device. Samples and scores use generators of their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from sngan.system.declared import Seed, checked


@checked
def seed_everything(seed: Seed) -> None:
    """Seed PyTorch on all devices.

    Raises:
        ValueError: If the seed is not one.
    """
    torch.manual_seed(seed)


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Return the state of the CPU's generator and of the device's."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def restore_random_state(state: dict[str, Tensor], device: torch.device) -> None:
    """Continue where `random_state` was taken; a run moved to another device reseeds that one."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)


@contextmanager
def kept_random_state(device: torch.device) -> Iterator[None]:
    """Draw random numbers for a while as if none had been drawn."""
    state = random_state(device)
    try:
        yield
    finally:
        restore_random_state(state, device)


class RandomState:
    """The state of the random sources of a device's training, for checkpoints.

    Args:
        device: Where random numbers are drawn besides the CPU.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def state_dict(self) -> dict[str, Tensor]:
        """See `random_state`."""
        return random_state(self._device)

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """See `restore_random_state`."""
        restore_random_state(state, self._device)


class OwnRandomState:
    """A context with random numbers of its own, which go on where the context was left.

    On a CUDA device the state is an object that a recorded graph refers to, so it is exchanged
    rather than copied.

    Args:
        device: Where random numbers are drawn besides the CPU.
    """

    def __init__(self, device: torch.device) -> None:
        self._cpu = torch.get_rng_state()
        self._cuda: torch.Generator | None = None
        if device.type == "cuda":
            self._cuda = cuda_generator(device)
            self._state = self._cuda.clone_state()

    def __enter__(self) -> "OwnRandomState":
        self._shared_cpu = torch.get_rng_state()
        torch.set_rng_state(self._cpu)
        if self._cuda is not None:
            self._shared_state = self._cuda.graphsafe_get_state()
            self._cuda.graphsafe_set_state(self._state)
        return self

    def __exit__(self, *_error: object) -> None:
        self._cpu = torch.get_rng_state()
        torch.set_rng_state(self._shared_cpu)
        if self._cuda is not None:
            self._state = self._cuda.graphsafe_get_state()
            self._cuda.graphsafe_set_state(self._shared_state)


def cuda_generator(device: torch.device) -> torch.Generator:
    """Return the generator from which PyTorch draws on a CUDA device."""
    torch.cuda.init()
    index = torch.cuda.current_device() if device.index is None else device.index
    return torch.cuda.default_generators[index]
