"""STL-10: 100,000 unlabeled and 13,000 labelled pictures, scaled from 96 pixels."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from annotated_types import Interval, Len
from torch import Tensor
from torch.nn import functional
from torchvision.datasets import STL10

from sngan.dataset.base import Dataset, Pictures, Split
from sngan.dataset.parts.cache import Chunk, cached
from sngan.dataset.parts.disk import require_room
from sngan.dataset.parts.download import Archive, download
from sngan.system.declared import Classes, PathText, Text, checked
from sngan.system.progress import Progress
from sngan.system.require import SettingError

ARCHIVE_BYTES = 2_640_397_119
SOURCE_SIZE = 96
CHUNK = 1000  # Pictures scaled at a time, to bound memory.
CLASS_NAMES = (
    "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
)  # fmt: skip

Filter = Literal["bilinear", "bicubic", "area"]
Part = Literal["unlabeled", "train", "test"]


class Stl10(Dataset):
    """The unlabeled pictures to train on, as the first author says the paper does.

    Their file of 2.8 GB is read in pieces through a memory map; the scaled
    pictures are kept beside it, in ``cache``, with a checksum.

    Args:
        root: Folder of the archive, the extracted files and the cache; created when missing.
        mirrors: Addresses of ``stl10_binary.tar.gz`` (2.6 GB), tried in order by HTTPS. What
            answers must have the checksum that torchvision knows.
        image_size: Side to scale to in pixels, 8 to 96; the paper uses 48.
        filter: How to scale: ``bilinear`` or ``bicubic``, both antialiased, or ``area``, means of
            squares. The paper does not say.
        parts: What the training split is made of: ``unlabeled``, ``train``, ``test``. Labels are
            kept if all of them have any. The test split is always ``test``.
        n_classes: Number of classes the parts must have, 1 without labels; None for any.

    Raises:
        ValueError: If a setting is not accepted.
    """

    @checked
    def __init__(
        self,
        root: PathText,
        mirrors: Sequence[Text],
        image_size: Annotated[int, Interval(ge=8, le=SOURCE_SIZE)] = 48,
        filter: Filter = "bilinear",
        parts: Part | Annotated[Sequence[Part], Len(1, 3)] = ("unlabeled",),
        n_classes: Classes | None = None,
    ) -> None:
        parts = [parts] if isinstance(parts, str) else parts
        self.root = Path(root).expanduser()
        self.mirrors = mirrors
        self.image_size = image_size
        self.filter = filter
        self.parts = tuple(parts)
        if n_classes not in (None, 1 if "unlabeled" in parts else len(CLASS_NAMES)):
            raise SettingError("n_classes", f"is {n_classes}, but parts are {parts}")
        self.n_classes = n_classes

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`; downloads and scales at first use."""
        parts = self.parts if split == "train" else ("test",)
        loaded = [self._load_part(part) for part in parts]
        images, labels = loaded[0]
        if len(loaded) > 1:  # One part stays mapped, uncopied.
            images, labels = (torch.cat(column) for column in zip(*loaded, strict=True))
        if "unlabeled" in parts:
            return Pictures(images, torch.zeros_like(labels), ("all",))
        return Pictures(images, labels, CLASS_NAMES)

    def _load_part(self, part: str) -> Chunk:
        return cached(
            self.root / "cache" / f"{part}_{self.image_size}_{self.filter}",
            {"source": _files()[f"{part}_X.bin"], "filter": self.filter},
            lambda: self._scaled(part),
            self.image_size,
        )

    def _scaled(self, part: str) -> Iterator[Chunk]:
        stored = np.memmap(self._file(f"{part}_X.bin"), np.uint8, mode="r")
        images = stored.reshape(-1, 3, SOURCE_SIZE, SOURCE_SIZE)
        require_room(self.root, len(images) * 3 * self.image_size**2, "a copy of STL-10")
        labels = torch.zeros(len(images), dtype=torch.int64)
        if part != "unlabeled":
            labels = torch.from_numpy(np.fromfile(self._file(f"{part}_y.bin"), np.uint8)).long() - 1
        description = f"STL-10 {part} to {self.image_size} pixels"
        with Progress(description, len(images)) as progress:
            for start in range(0, len(images), CHUNK):
                piece = slice(start, start + CHUNK)
                yield self._scale(torch.from_numpy(images[piece].copy())), labels[piece]
                progress.update(len(labels[piece]))

    def _scale(self, stored: Tensor) -> Tensor:
        """Scale pictures, ``(n, 3, 96, 96)`` uint8, which are stored column by column."""
        images = stored.transpose(2, 3).float()
        size = (self.image_size, self.image_size)
        if self.filter == "area":
            images = functional.interpolate(images, size, mode="area")
        else:
            images = functional.interpolate(images, size, mode=self.filter, antialias=True)
        return images.round().clamp(0, 255).to(torch.uint8)

    def _file(self, name: str) -> Path:
        """Return a file of the set, whole; download and unpack all if it is not there."""
        archive = Archive(
            title="STL-10",
            filename=STL10.filename,
            md5=STL10.tgz_md5,
            size=ARCHIVE_BYTES,
            members={f"{STL10.base_folder}/{file}": digest for file, digest in _files().items()},
        )
        member = f"{STL10.base_folder}/{name}"
        download(archive, self.mirrors, self.root, [member])
        return self.root / member


def _files() -> dict[str, str]:
    """Return the MD5 that torchvision knows for the files of the set."""
    return dict(STL10.train_list + STL10.test_list)
