"""MNIST, handwritten digits."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torchvision.datasets import MNIST

from sngan.dataset.base import Dataset, Pictures, Split
from sngan.dataset.parts.download import Archive, download
from sngan.system.declared import Classes, ImageChannels, PathText, Pixels, Text, checked
from sngan.system.require import SettingError

SIDE, CLASSES = 28, 10
FILE_BYTES = 9_912_422
"""Of the largest."""
NAMES: dict[Split, str] = {"train": "train", "test": "t10k"}
HEADERS = {"images-idx3": 16, "labels-idx1": 8}
"""Bytes before the values, by what a file holds: a magic number and the sizes."""


class Mnist(Dataset):
    """60,000 training and 10,000 test pictures of 28 pixels, grey, with black around them.

    Args:
        root: Folder of the files, in ``MNIST/raw`` as torchvision has them; created when missing.
        mirrors: Addresses that have the four files below them, tried in order by HTTPS. What
            answers must have the checksums that torchvision knows.
        image_size: Side of the pictures with the black; even, and at least 28.
        channels: 1, or 3 equal ones.
        n_classes: Fixed by the data.
    """

    @checked
    def __init__(
        self,
        root: PathText,
        mirrors: Sequence[Text],
        image_size: Pixels = 32,
        channels: ImageChannels = 1,
        n_classes: Classes = CLASSES,
    ) -> None:
        if image_size < SIDE or image_size % 2:
            raise SettingError(
                "image_size", f"must be even and at least {SIDE} for MNIST, got {image_size}"
            )
        if n_classes != CLASSES:
            raise SettingError("n_classes", f"must be {CLASSES} for MNIST, got {n_classes}")
        self.root = Path(root).expanduser() / "MNIST" / "raw"
        self.mirrors = mirrors
        self.image_size = image_size
        self.channels = channels

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`; downloads at first use."""
        digits = self._values(split, "images-idx3").view(-1, 1, SIDE, SIDE)
        digits = digits.expand(-1, self.channels, -1, -1)
        images = torch.nn.functional.pad(digits, [(self.image_size - SIDE) // 2] * 4)
        labels = self._values(split, "labels-idx1").long()
        return Pictures(images, labels, tuple(name.split(" - ")[1] for name in MNIST.classes))

    def _values(self, split: Split, what: str) -> Tensor:
        """Return the values in a file, which has been compared with its checksum."""
        name = f"{NAMES[split]}-{what}-ubyte.gz"
        checksums = dict(MNIST.resources)
        archive = Archive(
            title="MNIST",
            filename=name,
            md5=checksums[name],
            size=FILE_BYTES,
            members={**checksums, **{other.removesuffix(".gz"): "" for other in checksums}},
            is_tar=False,
        )
        mirrors = [f"{address.rstrip('/')}/{name}" for address in self.mirrors]
        download(archive, mirrors, self.root, [name])
        content = gzip.decompress((self.root / name).read_bytes())
        return torch.from_numpy(np.frombuffer(content, np.uint8, offset=HEADERS[what]).copy())
