"""Fresh batches of real pictures from a set that lives on the device, or on disk."""

from typing import Any

import torch
from torch import Tensor

from sngan.dataset.base import Dataset, Pictures, Split
from sngan.preprocessing.base import Preprocessing


class Batches:
    """Endless shuffled batches; an epoch's end falls inside a batch, as in the authors' iterator.

    Args:
        pictures: The whole set; kept as uint8, on the device if it is resident, and left where it
            is otherwise.
        preprocessing: Makes network input of a batch, on the device.
        batch_size: Pictures per batch.
        device: Where batches are wanted. The permutation is drawn where the set is.

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
        self.order = self._shuffle()
        self.position = 0

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch.

        Returns:
            Pictures, ``(batch_size, 3, H, W)`` float32 in ``[-1, 1]``, and labels,
            ``(batch_size,)`` int64.
        """
        index = self.order[self.position : self.position + self.batch_size]
        self.position += self.batch_size
        if self.position >= len(self.order):
            self.position -= len(self.order)
            self.order = self._shuffle()
            index = torch.cat([index, self.order[: self.position]])
        images, labels = self.images[index].to(self.device), self.labels[index].to(self.device)
        return self.preprocessing(images), labels

    def state_dict(self) -> dict[str, Any]:
        """Return the order of the running epoch and the place in it."""
        return {"order": self.order, "position": self.position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken.

        Raises:
            ValueError: If the set has another size than it had then.
        """
        if len(state["order"]) != len(self.images):
            raise ValueError(
                f"the data set has {len(self.images)} pictures, "
                f"the checkpoint was made with {len(state['order'])}"
            )
        self.order = state["order"].to(self.images.device)
        self.position = state["position"]

    def _shuffle(self) -> Tensor:
        return torch.randperm(len(self.images), device=self.images.device)


class Splits:
    """The splits of a data set, each loaded once, when it is first asked for.

    Args:
        dataset: Where pictures come from.
        preprocessing: Makes network input of them.
        batch_size: Pictures per batch.
        device: Where batches are wanted.
    """

    def __init__(
        self, dataset: Dataset, preprocessing: Preprocessing, batch_size: int, device: torch.device
    ) -> None:
        self.dataset = dataset
        self.preprocessing = preprocessing
        self.batch_size = batch_size
        self.device = device
        self._pictures: dict[Split, Pictures] = {}

    def pictures(self, split: Split) -> Pictures:
        """Return a split's pictures, on the device if they are resident."""
        if split not in self._pictures:
            self._pictures[split] = self.dataset.load(split).to(self.device)
        return self._pictures[split]

    def __call__(self, split: Split) -> Batches:
        """Return batches of a split, newly shuffled."""
        return Batches(self.pictures(split), self.preprocessing, self.batch_size, self.device)
