"""Pictures as programs have them: tensors, arrays, folders, files, generators."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from sngan.api.as_generator import Drawn, device_of, title_of
from sngan.api.trained_generator import TrainedGenerator
from sngan.architecture.base import Generator
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.weights import title
from sngan.scoring.picture_files import images_of, open_pictures
from sngan.scoring.source import Fixed, Samples, Source

Images: TypeAlias = Tensor | np.ndarray[Any, Any] | str | Path
"""Pictures that are there: uint8, as a tensor ``(N, 3, H, W)``, as an array ``(N, H, W, 3)`` or
``(N, 3, H, W)``, as a folder of picture files, or as an ``.npz`` file with one such array."""

Generated: TypeAlias = Images | TrainedGenerator | Generator | Callable[[int, int], Tensor]
"""Pictures to score: some that are there, or whatever a generator makes, or a function of a number
and a seed."""


def source_of(fake: Generated, seed: int) -> Source:
    """Return pictures to score, or what makes them.

    Args:
        fake: The pictures, or what makes them.
        seed: Seed of a generator's samples.

    Raises:
        ValueError: If they cannot be used; see `images_source`.
        TypeError: If it is a network that does not say what noise it takes.
    """
    if isinstance(fake, TrainedGenerator):
        name = title(fake.path, fake.step, fake.weights, fake.config)
        return Samples(fake.network, seed, fake.device, name)
    if isinstance(fake, Generator):
        return Samples(fake, seed, device_of(fake), title_of(fake))
    if isinstance(fake, nn.Module):
        raise TypeError(
            f"fake must say what noise it takes, got a {type(fake).__name__}: "
            "sngan.as_generator(network, latent_size=128)"
        )
    if callable(fake):
        return Drawn(fake, seed)
    return images_source(fake, "fake")


def images_source(images: Images, name: str) -> Source:
    """Return pictures that are there.

    Args:
        images: The pictures.
        name: What messages call them, if they have no name of their own.

    Raises:
        ValueError: If they are not 8-bit RGB, or lie in the folder of a run.
        FileNotFoundError: If there are none.
        TypeError: If they are something else.
    """
    if isinstance(images, str | Path):
        return open_pictures(picture_path(images))
    if isinstance(images, np.ndarray):
        return Fixed(images_of(images, name), name)
    if not isinstance(images, Tensor):
        raise TypeError(f"{name} must be a tensor, an array or a path, got {type(images).__name__}")
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3:
        hint = "; sngan.quantize makes them of [-1, 1]" if images.is_floating_point() else ""
        raise ValueError(
            f"{name} must be uint8 pictures (N, 3, H, W), "
            f"got {images.dtype} {tuple(images.shape)}{hint}"
        )
    return Fixed(images, name)


def picture_path(path: str | Path) -> Path:
    """Return the path of pictures.

    Raises:
        ValueError: If it is that of a run or a checkpoint: the pictures there are grids.
    """
    path = Path(path).expanduser()
    if path.suffix == ".pt" or RunFolder(path).is_run:
        raise ValueError(f"{path} holds networks, not pictures: sngan.load_generator reads them")
    return path
