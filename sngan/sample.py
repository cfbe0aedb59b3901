"""Pictures from a generator, without disturbing its mode or any random state."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.transforms.v2.functional import to_pil_image
from torchvision.utils import make_grid

from sngan.architecture.base import Generator
from sngan.latents import draw_labels, draw_noise
from sngan.quantize import quantize

BATCH_SIZE = 100


@torch.inference_mode()
def generate(
    generator: Generator,
    count: int,
    seed: int,
    batch_size: int,
    device: torch.device,
    labels: Tensor | None = None,
) -> Iterator[Tensor]:
    """Yield pictures in eval mode, with the running statistics of batch norm.

    Noise and classes are drawn on the CPU in one piece, so they depend neither on the batch size
    nor on the device.

    Args:
        generator: On ``device``.
        count: How many pictures in all.
        seed: Seed of the noise.
        batch_size: Pictures per pass.
        device: Where the generator runs.
        labels: Classes, ``(count,)`` int64; None to draw them if the generator wants any.

    Yields:
        Pictures, ``(batch_size, 3, H, W)`` in ``[-1, 1]``; the last batch may be smaller.
    """
    random = torch.Generator().manual_seed(seed)
    z = draw_noise(generator.noise, count, generator.latent_size, random=random)
    if labels is None:
        labels = draw_labels(generator.n_classes, count, random=random)
    for start in range(0, count, batch_size):
        part = slice(start, start + batch_size)
        with eval_mode(generator):
            images = generator(
                z[part].to(device), None if labels is None else labels[part].to(device)
            )
        yield images


def save_grid(
    path: Path, generator: Generator, count: int, seed: int, device: torch.device
) -> None:
    """Write a PNG with samples in rows of ten; classes take turns, if there are any.

    Args:
        path: The file; its folder is made when missing.
        generator: On ``device``.
        count: Number of samples.
        seed: Seed of the noise; the same seed shows the same noise all through a run.
        device: Where the generator runs.
    """
    classes = generator.n_classes
    labels = None if classes is None else torch.arange(count) % classes
    images = torch.cat(list(generate(generator, count, seed, BATCH_SIZE, device, labels)))
    path.parent.mkdir(parents=True, exist_ok=True)
    grid = make_grid(quantize(images).cpu(), nrow=10, padding=2, pad_value=255)
    to_pil_image(grid).save(path)


@contextmanager
def eval_mode(module: nn.Module) -> Iterator[None]:
    """Put a module in eval mode for a while."""
    was_training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(was_training)
