"""Seeding, and the state of every random source that training draws from.

All randomness of sngan is PyTorch's: one generator on the CPU (initial weights, and everything of a
CPU run) and one on the device. Samples and scores use generators of their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from sngan.settings import require_seed


def seed_everything(seed: int) -> None:
    """Seed PyTorch on all devices.

    Raises:
        ValueError: If the seed is negative.
    """
    require_seed(seed)
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
