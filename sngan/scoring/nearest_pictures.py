"""The training pictures that an extractor takes for the nearest."""

from collections.abc import Iterator

import torch
from torch import Tensor

from sngan.sampling.nearest import Nearest, nearest
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.source import Fixed


def nearest_by_features(
    describe: FeaturePass, samples: Tensor, pictures: Tensor, k: int
) -> Nearest:
    """Return the pictures whose features differ least from those of samples.

    What is shifted or a little darker is far by its pixels and near by its features.

    Args:
        describe: Gives the features.
        samples: ``(M, 3, H, W)`` uint8.
        pictures: ``(N, 3, H, W)`` uint8, perhaps mapped into memory.
        k: How many to find of each.
    """
    wanted = torch.cat([features for _, features in _features(describe, samples, "samples")])
    return nearest(wanted, _features(describe, pictures, "training pictures"), k)


def _features(describe: FeaturePass, images: Tensor, name: str) -> Iterator[tuple[Tensor, Tensor]]:
    for batch in describe(Fixed(images, name), {None: len(images)}, name):
        yield batch.index, batch.features.pool
