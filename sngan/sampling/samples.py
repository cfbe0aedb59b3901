"""Pictures from a generator, without disturbing its mode or any random state."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from sngan.architecture.base import Generator
from sngan.sampling.grid import COLUMNS, PADDING
from sngan.sampling.latents import indexed_latents
from sngan.sampling.quantize import quantize
from sngan.system.files import written_whole


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
        Pictures, ``(N, 3, H, W)`` float32 in ``[-1, 1]``.
    """
    z, drawn = indexed_latents(generator, seed, index, device)
    with eval_mode(generator):
        return generator(z, drawn if labels is None else labels.to(device)).float()


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
    from torchvision.transforms.v2.functional import to_pil_image
    from torchvision.utils import make_grid  # Slow to import; scores and first steps need none.

    classes = generator.n_classes
    index = torch.arange(count)
    images = generate(generator, index, seed, device, None if classes is None else index % classes)
    grid = make_grid(quantize(images).cpu(), nrow=COLUMNS, padding=PADDING, pad_value=255)
    with written_whole(path) as temporary:
        to_pil_image(grid).save(temporary, format="PNG")


@contextmanager
def eval_mode(module: nn.Module) -> Iterator[None]:
    """Put a module in eval mode for a while."""
    was_training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(was_training)
