"""Fresh batches of real pictures from a set that lives on the device.

The whole of CIFAR-10 is 154 MB as uint8. Where that fits, a batch is an index: no processes that
load, no copies from the host, and nothing to wait for.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch import Tensor

from sngan.dataset.base import Pictures
from sngan.preprocessing.base import Preprocessing
from sngan.system.states import Stateful

Batch = tuple[Tensor, Tensor | None]
"""Pictures, real or generated, ``(N, C, H, W)`` in ``[-1, 1]``, and their classes, ``(N,)``."""


class BatchSource(Stateful, Protocol):
    """Where an iteration has its real pictures from: `Batches`, or what does the same."""

    def prepare(self, count: int) -> None:
        """Choose the pictures of the next ``count`` batches: what only the host can do."""

    def prepared(self) -> Iterator[Batch]:
        """Yield them."""


class Batches:
    """Endless shuffled batches; an epoch's end falls inside a batch, as in the authors' iterator.

    The order of the pictures and the place in it are on the device and stay where they are in its
    memory, so that `next` can be recorded once. The host counts along to draw new orders in time.

    Args:
        pictures: The whole set, kept as uint8 on the device.
        preprocessing: Makes network input of a batch, on the device.
        batch_size: Pictures per batch.
        device: Where batches are wanted.

    Raises:
        ValueError: If the set is smaller than a batch.
    """

    def __init__(
        self,
        pictures: Pictures,
        preprocessing: Preprocessing,
        batch_size: int,
        device: torch.device,
    ) -> None:
        if not 1 <= batch_size <= len(pictures):
            raise ValueError(
                f"setting.batch_size must be between 1 and the data set's {len(pictures)} "
                f"pictures, got {batch_size}"
            )
        self.device = device
        pictures = pictures.to(device)
        self.images, self.labels = pictures.images, pictures.labels
        self.preprocessing = preprocessing
        self.batch_size = batch_size
        self._offsets = torch.arange(batch_size, device=self.images.device)
        self._place = torch.zeros((), dtype=torch.int64, device=self.images.device)
        self._order = self._shuffle()
        self._first, self._end = 0, len(self.images)  # The part of the order that is still to come.
        self._count = 0  # Batches that are prepared.

    @property
    def upcoming(self) -> Tensor:
        """Numbers of the pictures to come, as far as they are drawn, ``(n,)`` int64."""
        return self._order[self._first : self._end]

    def prepare(self, count: int) -> None:
        """Draw as many orders as the next ``count`` batches need, counted from here."""
        # An order is drawn when the batches reach it, not before: random numbers come in the same
        # sequence however many batches are prepared at once.
        needed = count * self.batch_size
        room = len(self.images) + needed
        if len(self._order) < room:  # At the first call only, which nobody records.
            self._replace(self.upcoming, room)
        if needed > len(self.upcoming):
            orders = [self.upcoming]
            while sum(map(len, orders)) < needed:
                orders.append(self._shuffle())
            self._replace(torch.cat(orders), room)
        # The host counts what the device will have taken; it never asks.
        self._first += needed
        self._count = count

    def prepared(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches that `prepare` was asked for.

        Yields:
            Pictures, ``(batch_size, C, H, W)`` float32 in ``[-1, 1]``, and labels,
            ``(batch_size,)`` int64.
        """
        for index in range(self._count):
            images, labels = self._take(index)
            yield self.preprocessing(images), labels

    def next(self) -> tuple[Tensor, Tensor]:
        """Prepare one batch and return it; see `prepared`."""
        self.prepare(1)
        return next(self.prepared())

    def state_dict(self) -> dict[str, Any]:
        """Return the order of what is still to come, as far as it is drawn."""
        return {"pictures": len(self.images), "upcoming": self.upcoming.clone()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken.

        Raises:
            ValueError: If the set has another size than it had then.
        """
        if state["pictures"] != len(self.images):
            raise ValueError(
                f"the data set has {len(self.images)} pictures, "
                f"the checkpoint was made with {state['pictures']}"
            )
        self._replace(state["upcoming"].to(self._order.device), len(self.images))

    def _take(self, _index: int) -> tuple[Tensor, Tensor]:
        """Return one of the batches that are prepared; they are taken in order."""
        numbers = self._order[self._place + self._offsets]  # (batch_size,)
        self._place += self.batch_size
        return self.images[numbers], self.labels[numbers]

    def _replace(self, upcoming: Tensor, room: int) -> None:
        """Start over with another order, in the same memory if it is large enough."""
        if len(self._order) < max(room, len(upcoming)):
            self._order = upcoming.new_empty(max(room, len(upcoming)))
        self._order[: len(upcoming)] = upcoming
        self._first, self._end = 0, len(upcoming)
        self._place.zero_()

    def _shuffle(self) -> Tensor:
        return torch.randperm(len(self.images), device=self.images.device)
