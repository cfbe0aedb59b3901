"""The splits of a data set, and where their pictures are kept."""

import logging
from dataclasses import replace

import torch

from sngan.dataset.base import Dataset, Pictures, Split
from sngan.preprocessing.base import Preprocessing
from sngan.step.batches import Batches
from sngan.step.streaming import StreamedBatches
from sngan.system.device import free_memory

logger = logging.getLogger(__name__)

LARGEST_SHARE = 0.25  # Of the device's free memory, for pictures: the networks need some, too.


class Splits:
    """The splits of a data set, each loaded once, when it is first asked for.

    Pictures that would crowd the device stay in the host's memory.

    Args:
        dataset: Where pictures come from.
        preprocessing: Makes network input of them.
        batch_size: Pictures per batch.
        device: Where batches are wanted.
        loaded: Splits of this data set that are on the device already; others are added.
    """

    def __init__(
        self,
        dataset: Dataset,
        preprocessing: Preprocessing,
        batch_size: int,
        device: torch.device,
        loaded: dict[Split, Pictures] | None = None,
    ) -> None:
        self.dataset = dataset
        self.preprocessing = preprocessing
        self.batch_size = batch_size
        self.device = device
        self._pictures: dict[Split, Pictures] = {} if loaded is None else loaded

    def pictures(self, split: Split) -> Pictures:
        """Return a split's pictures, on the device if they are resident."""
        if split not in self._pictures:
            pictures = self.dataset.load(split)
            self._pictures[split] = _as_fits(pictures, self.device).to(self.device)
        return self._pictures[split]

    def __call__(self, split: Split) -> Batches:
        """Return batches of a split, newly shuffled."""
        pictures = self.pictures(split)
        kind = Batches if pictures.resident else StreamedBatches
        return kind(pictures, self.preprocessing, self.batch_size, self.device)


def _as_fits(pictures: Pictures, device: torch.device) -> Pictures:
    """Return pictures that are not resident if they are too many for the device."""
    free = free_memory(device)
    if free is None or not pictures.resident or pictures.images.nbytes <= LARGEST_SHARE * free:
        return pictures
    logger.info(
        "%.1f GiB of pictures stay in the host's memory: the device has %.1f GiB free",
        pictures.images.nbytes / 2**30,
        free / 2**30,
    )
    return replace(pictures, resident=False)
