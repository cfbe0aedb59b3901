"""Pictures from a generator, without disturbing its mode or any random state."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from sngan.architecture.base import Generator
from sngan.sampling.grid import COLUMNS
from sngan.sampling.latents import indexed_latents
from sngan.sampling.picture_files import write_grid
from sngan.sampling.quantize import quantize


@torch.inference_mode()
def generate(
    generator: Generator,
    index: Tensor,
    seed: int,
    device: torch.device,
    labels: Tensor | None = None,
) -> Tensor:
    """Return some numbered pictures, in eval mode, with the running statistics of batch norm.

    Args:
        generator: On ``device``.
        index: Their numbers, ``(N,)`` int64; see `sngan.sampling.latents.indexed_latents`.
        seed: Seed of the noise.
        device: Where the generator runs.
        labels: Classes, ``(N,)`` int64; None to draw them if the generator wants any.

    Returns:
        Pictures, ``(N, C, H, W)`` float32 in ``[-1, 1]``.
    """
    z, drawn = indexed_latents(generator, seed, index, device)
    return generate_from(generator, z, drawn if labels is None else labels.to(device))


@torch.inference_mode()
def generate_from(generator: Generator, z: Tensor, labels: Tensor | None) -> Tensor:
    """Return the pictures of given noise and classes, as `generate` does."""
    with eval_mode(generator):
        return generator(z, labels).float()


def save_grid(
    path: Path, generator: Generator, count: int, seed: int, device: torch.device
) -> None:
    """Write a PNG with samples in rows of `COLUMNS`; classes take turns, if there are any.

    Args:
        path: The file; its folder is made when missing.
        generator: On ``device``.
        count: Number of samples.
        seed: Seed of the noise; the same seed shows the same noise all through a run.
        device: Where the generator runs.
    """
    classes = generator.n_classes
    index = torch.arange(count)
    images = generate(generator, index, seed, device, None if classes is None else index % classes)
    write_grid(path, quantize(images).cpu(), COLUMNS)


@contextmanager
def eval_mode(module: nn.Module) -> Iterator[None]:
    """Put a module in eval mode for a while."""
    was_training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(was_training)
