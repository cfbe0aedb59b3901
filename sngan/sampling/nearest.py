"""Which training pictures are nearest to samples: has the network learnt them by heart?"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from sngan.system.progress import Progress

BATCH_SIZE = 1000


@dataclass(frozen=True)
class Nearest:
    """The nearest pictures of each of ``M`` samples, the nearest first.

    Attributes:
        index: Their numbers, ``(M, k)`` int64.
        distance: How far they are, ``(M, k)`` float32.
    """

    index: Tensor
    distance: Tensor

    def merged(self, other: "Nearest") -> "Nearest":
        """Return the nearest of both; of equals those of this one, whose numbers are smaller."""
        index = torch.cat([self.index, other.index], dim=1)
        order = torch.cat([self.distance, other.distance], dim=1).sort(dim=1, stable=True)
        kept = order.indices[:, : self.index.shape[1]]
        return Nearest(index.gather(1, kept), order.values[:, : self.index.shape[1]])


def nearest(wanted: Tensor, batches: Iterable[tuple[Tensor, Tensor]], k: int) -> Nearest:
    """Return what is nearest to some points by Euclidean distance.

    Args:
        wanted: ``(M, d)`` float32.
        batches: All others, as numbers, ``(N,)`` int64, ascending, and points, ``(N, d)`` float32.
        k: How many to find of each, as many as there are at most.
    """
    count = len(wanted)
    found = Nearest(torch.zeros(count, k, dtype=torch.int64), torch.full((count, k), torch.inf))
    for index, points in batches:
        # Not by products of matrices: there, what is nearly equal comes out as noise.
        away = torch.cdist(wanted, points, compute_mode="donot_use_mm_for_euclid_dist").cpu()
        order = away.sort(dim=1, stable=True)
        kept = order.indices[:, :k]
        found = found.merged(Nearest(index[kept], order.values[:, :k]))
    return found


def nearest_by_pixels(samples: Tensor, pictures: Tensor, k: int, device: torch.device) -> Nearest:
    """Return the pictures that differ least from samples, pixel by pixel.

    Args:
        samples: ``(M, 3, H, W)`` uint8.
        pictures: ``(N, 3, H, W)`` uint8, perhaps mapped into memory.
        k: How many to find of each.
        device: Where to compute.

    Returns:
        Distances are root mean squares over all values, in ``0..255``.
    """
    size = samples[0].numel()

    def points(images: Tensor) -> Tensor:
        return images.to(device).flatten(1).float() / size**0.5

    with Progress("training pictures", len(pictures)) as progress:

        def batches() -> Iterable[tuple[Tensor, Tensor]]:
            for index in torch.arange(len(pictures)).split(BATCH_SIZE):
                yield index, points(pictures[int(index[0]) : int(index[-1]) + 1])
                progress.update(len(index))

        return nearest(points(samples), batches(), k)
