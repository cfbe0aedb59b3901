"""Fresh batches of real pictures from a set too large for the device."""

from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from sngan.step.batches import Batches

_READER = ThreadPoolExecutor(1, "pictures")


class StreamedBatches(Batches):
    """Batches of a set that stays on disk or in the host's memory; arguments of `Batches`.

    The pictures of a whole iteration are copied to the device together, always to the same place in
    its memory. While it computes, those of the next iteration are read.
    """

    _staged: tuple[Tensor, Tensor] | None = None
    _ahead: "tuple[int, int, Future[tuple[Tensor, Tensor]]] | None" = None

    def prepare(self, count: int) -> None:
        """Bring the pictures of the next ``count`` batches to the device."""
        super().prepare(count)
        size = count * self.batch_size
        pictures = self._pictures(self._first - size, self._first)
        if self._staged is None or len(self._staged[1]) != size:
            images, labels = (torch.empty_like(part, device=self.device) for part in pictures)
            self._staged = images, labels
        for part, staged in zip(pictures, self._staged, strict=True):
            staged.copy_(part, non_blocking=True)
        self._read_ahead(self._first, self._first + size)

    def _take(self, index: int) -> tuple[Tensor, Tensor]:
        assert self._staged is not None
        images, labels = self._staged
        begin, end = index * self.batch_size, (index + 1) * self.batch_size
        return images[begin:end], labels[begin:end]

    def _pictures(self, begin: int, end: int) -> tuple[Tensor, Tensor]:
        if self._ahead is not None and self._ahead[:2] == (begin, end):
            return self._ahead[2].result()
        return self._read(self._order[begin:end])

    def _read_ahead(self, begin: int, end: int) -> None:
        self._ahead = None
        if end <= self._end:  # The order of the next epoch is not drawn yet.
            job = _READER.submit(self._read, self._order[begin:end].clone())
            self._ahead = begin, end, job

    def _read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        images, labels = self.images[index], self.labels[index]
        if self.device.type == "cuda":  # Copies from pinned memory do not wait for the device.
            return images.pin_memory(), labels.pin_memory()
        return images, labels
