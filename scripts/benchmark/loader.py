"""Real pictures as most programs read them: decoded one by one by worker processes."""

from collections.abc import Iterator

import numpy as np
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from scripts.benchmark.task import Task

EPOCH = 50_000  # Pictures of CIFAR-10; after so many the workers are started anew.


class Pictures(Dataset[tuple[Tensor, int]]):
    """Noise in the shape of CIFAR-10, read as torchvision reads that.

    Args:
        image_size: Side of the pictures in pixels.
    """

    def __init__(self, image_size: int) -> None:
        random = np.random.default_rng(0)
        shape = (EPOCH, image_size, image_size, 3)
        self.images = random.integers(256, size=shape, dtype=np.uint8)
        middle = (0.5, 0.5, 0.5)
        self.transform = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize(mean=middle, std=middle)]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return a picture, ``(3, H, W)`` in ``[-1, 1]``, and a label."""
        return self.transform(Image.fromarray(self.images[index])), 0


def endless(task: Task, pin_memory: bool = False) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield shuffled batches of pictures and labels, one epoch after the other."""
    loader = DataLoader(
        Pictures(task.image_size),
        task.batch_size,
        shuffle=True,
        num_workers=task.workers,
        drop_last=True,
        pin_memory=pin_memory,
    )
    while True:
        yield from loader
