"""What ``sngan-sample`` writes; this file waits for PyTorch."""

import logging
from collections.abc import Mapping
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.assembly.component import component
from sngan.commands.sample_output import DIGITS, Output
from sngan.commands.sample_words import Layout
from sngan.sampling.film_files import write_film
from sngan.sampling.grid import WHITE
from sngan.sampling.interpolation import Interpolation, film, interpolated
from sngan.sampling.nearest import Nearest, nearest_by_pixels
from sngan.sampling.picture_files import grid_of, write_array, write_folder, write_grid
from sngan.sampling.quantize import as_rgb
from sngan.sampling.series import Draw, in_rows, samples
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.nearest_pictures import nearest_by_features
from sngan.scoring.subjects import Trained

logger = logging.getLogger(__name__)


def samples_only(output: Output, layout: Layout, generator: Generator, draw: Draw) -> None:
    """Write samples as they are made; a grid needs all of them."""
    batches = samples(generator, layout.count, draw)
    if output.form == "grid":
        write_grid(output.path, in_rows(batches, len(draw.classes)), layout.columns)
    elif output.form == "npz":
        write_array(output.path, batches, layout.count)
    else:
        write_folder(output.path, batches, max(DIGITS, len(str(layout.count - 1))))


def ways(
    output: Output, layout: Layout, generator: Generator, kind: Interpolation, draw: Draw
) -> None:
    """Write ways from samples to samples, as rows of a grid or as a film, there and back."""
    count, columns = layout.count, layout.columns
    if not output.is_film:
        rows = interpolated(generator, kind, count // columns, columns, draw)
        write_grid(output.path, in_rows(rows), columns)
        return
    there = [grid_of(as_rgb(x), columns) for x in film(generator, kind, count, layout.frames, draw)]
    write_film(output.path, output.film, chain(there, there[-2:0:-1]), output.fps)


def with_nearest(
    output: Output,
    layout: Layout,
    trained: Trained,
    draw: Draw,
    evaluation: Mapping[str, Any] | None,
) -> None:
    """Write samples, each at the beginning of a row, and the training pictures nearest to it.

    Args:
        output: A grid.
        layout: How many samples; its rows have a sample, a gap, and pictures.
        trained: The generator and its training pictures.
        draw: Noise and classes.
        evaluation: Settings of an evaluation, to compare by its extractor; None to compare pixels.

    Raises:
        ValueError: If there are too few training pictures.
    """
    assert trained.real is not None
    real = trained.real.load("train").images
    k = layout.columns - 2
    if len(real) < k:
        raise ValueError(f"--nearest must be at most {len(real)}, the training pictures, got {k}")
    images = in_rows(samples(trained.generator, layout.count, draw))
    if evaluation is None:
        found, unit = nearest_by_pixels(images, real, k, draw.device), "of 255, root mean square"
    else:
        extractor = component(evaluation["extractor"], "extractor").to(draw.device)
        describe = FeaturePass(extractor, draw.device, evaluation["batch_size"])
        found, unit = nearest_by_features(describe, images, real, k), f"{extractor.name} features"
    write_grid(output.path, _rows(images, real, found), layout.columns)
    _say(found, unit)


def _rows(images: Tensor, real: Tensor, found: Nearest) -> Tensor:
    """Return, for each sample, it, a gap, and the pictures nearest to it, ``(N, 3, H, W)``."""
    gap = torch.full_like(images[0], WHITE)
    rows = (
        torch.stack([image, gap, *real[index].cpu()])
        for image, index in zip(images, found.index, strict=True)
    )
    return torch.cat(list(rows))


def _say(found: Nearest, unit: str) -> None:
    nearest = found.distance[:, 0]
    closest = int(nearest.argmin())
    logger.info(
        "nearest training pictures (%s): median distance %.3g, smallest %.3g (sample %d, picture "
        "%d of the training split)",
        unit,
        nearest.median(),
        nearest[closest],
        closest,
        found.index[closest, 0],
    )
