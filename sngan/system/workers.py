"""Processes that share one evaluation; ``torchrun`` starts them."""

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed

PATIENCE = timedelta(days=1)


@dataclass(frozen=True)
class Workers:
    """This process among those that share the work. By itself it is the only one.

    Attributes:
        rank: Its number, from 0.
        count: How many there are.
        group: All of them, patient enough for one that describes real pictures while others wait.
    """

    rank: int = 0
    count: int = 1
    group: distributed.ProcessGroup | None = None

    def share(self, total: int) -> Tensor:
        """Return the indices below ``total`` that fall to this process; none falls to two."""
        return torch.arange(self.rank, total, self.count)

    def sum(self, tensor: Tensor) -> Tensor:
        """Return the sum over all processes; each must have the same shape."""
        if self.count > 1:
            tensor = tensor.clone()
            distributed.all_reduce(tensor, group=self.group)
        return tensor

    def leave(self) -> None:
        """Part from the others; to be called when there is nothing left to share."""
        if self.count > 1:
            distributed.destroy_process_group()


def join(device: str) -> tuple[Workers, str]:
    """Join the processes that ``torchrun`` started, if it did.

    Args:
        device: A device setting; ``auto`` and ``cuda`` become this process's own GPU.

    Returns:
        This process among them, and the device setting it should use.

    Raises:
        ValueError: If there are more of them than GPUs.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Workers(), device
    if device in ("auto", "cuda") and torch.cuda.is_available():
        rank = int(os.environ.get("LOCAL_RANK", "0"))
        if rank >= torch.cuda.device_count():
            raise ValueError(f"process {rank} has no GPU: there are {torch.cuda.device_count()}")
        device = f"cuda:{rank}"
        torch.cuda.set_device(device)
    elif device.startswith("cuda"):
        raise ValueError(f"device must be auto, cpu or cuda under torchrun, got {device}")
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend)
    group = distributed.new_group(timeout=PATIENCE)
    assert isinstance(group, distributed.ProcessGroup)
    return Workers(distributed.get_rank(), distributed.get_world_size(), group), device
