"""What CIFAR-10 and CIFAR-100 share: torchvision reads them, mirrors deliver them."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import torch
from torchvision.datasets import CIFAR10

from sngan.dataset.base import Dataset, Pictures, Split
from sngan.dataset.parts.download import Archive, download
from sngan.system.require import SettingError


class Cifar(Dataset):
    """50,000 training and 10,000 test pictures of 32 pixels.

    Args:
        root: Folder of the archive and the extracted files; created when missing.
        mirrors: Addresses of the archive, tried in order by HTTPS. What answers must have the
            checksum that torchvision knows.
        image_size: Fixed by the data; present so that every data set names its size.
        n_classes: Fixed by the data.

    Raises:
        ValueError: If ``image_size`` or ``n_classes`` are not those of the data.
    """

    title: ClassVar[str]
    source: ClassVar[type[CIFAR10]]
    archive_bytes: ClassVar[int]
    classes: ClassVar[int]

    def __init__(
        self, root: str | Path, mirrors: Sequence[str], image_size: int, n_classes: int
    ) -> None:
        for setting, value, fixed in (
            ("image_size", image_size, 32),
            ("n_classes", n_classes, self.classes),
        ):
            if value != fixed:
                raise SettingError(setting, f"must be {fixed} for {self.title}, got {value}")
        self.root = Path(root).expanduser()
        self.mirrors = mirrors
        self.image_size = image_size

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`; downloads at first use."""
        download(self._archive(), self.mirrors, self.root)
        data = self.source(self.root, train=split == "train")
        images = torch.from_numpy(data.data).permute(0, 3, 1, 2).contiguous()
        return Pictures(images, torch.tensor(data.targets), tuple(data.classes))

    def _archive(self) -> Archive:
        source = self.source
        files = dict(source.train_list + source.test_list)
        files[source.meta["filename"]] = source.meta["md5"]
        return Archive(
            title=self.title,
            filename=source.filename,
            md5=source.tgz_md5,
            size=self.archive_bytes,
            members={f"{source.base_folder}/{name}": digest for name, digest in files.items()},
        )
