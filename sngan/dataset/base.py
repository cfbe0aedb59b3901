"""What a data set promises: a cheap description, and pictures on demand."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from sngan.system.require import SettingError

Split = Literal["train", "test"]

NAMED = 5  # Classes in a message; the others are counted.


class MissingSplitError(SettingError):
    """The source has no such split."""


@dataclass(frozen=True)
class Pictures:
    """Pictures, in memory or mapped into it.

    Attributes:
        images: ``(N, channels, image_size, image_size)`` uint8 in ``0..255``, RGB or grey.
        labels: Classes, ``(N,)`` int64; all 0 where the source has none.
        class_names: One name per class, printable.
        resident: Whether the set is small enough to live on the device that trains.
        revision: Of the source that was read, if it keeps several; None otherwise.
    """

    images: Tensor
    labels: Tensor
    class_names: tuple[str, ...]
    resident: bool = True
    revision: str | None = None

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device) -> "Pictures":
        """Return the set on a device if it is resident, and as it is otherwise."""
        if not self.resident:
            return self
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))


class Dataset(ABC):
    """A source of pictures. Building it is cheap and checks its settings; `load` does the work.

    Attributes:
        image_size: Side of the square pictures in pixels.
        channels: 3 for RGB pictures, 1 for grey ones.
    """

    image_size: int
    channels: int = 3

    @property
    def name(self) -> str:
        """What the member of the ``dataset`` group is called."""
        return type(self).__module__.rpartition(".")[2]

    @abstractmethod
    def load(self, split: Split) -> Pictures:
        """Return all pictures of a split, in an order that never changes.

        Raises:
            MissingSplitError: If the source has no such split.
            ValueError: If its content cannot be used.
            FileNotFoundError: If files are missing and cannot be fetched.
        """


def require_same_classes(before: Sequence[str], now: Sequence[str]) -> None:
    """Raise unless labels mean what they meant, which matters to whatever was trained on them.

    Args:
        before: Names of the classes then.
        now: Names of the classes that are there now.

    Raises:
        ValueError: If they differ; says in what.
    """
    if list(before) == list(now):
        return
    known, there = set(before), set(now)
    gone, new = [n for n in before if n not in there], [n for n in now if n not in known]
    differences = [
        f"{_some(names)} {verb}" for names, verb in ((gone, "gone"), (new, "new")) if names
    ]
    raise ValueError(
        f"the {len(before)} classes must be those of before, got {len(now)}: "
        + (", ".join(differences) or "in another order")
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more} {'is' if len(names) == 1 else 'are'}"
