"""CIFAR-10 through torchvision, fetched from the first mirror that answers."""

import logging
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from socket import getdefaulttimeout, setdefaulttimeout

import torch
from torchvision.datasets import CIFAR10
from torchvision.datasets.utils import download_and_extract_archive

from sngan.dataset.base import Dataset, Pictures, Split

logger = logging.getLogger(__name__)

STALL_SECONDS = 30


class Cifar10(Dataset):
    """50,000 training and 10,000 test pictures of ten classes, 32 pixels.

    Args:
        root: Folder of the archive and the extracted files; created when missing.
        mirrors: Addresses of ``cifar-10-python.tar.gz``, tried in order. Whatever answers must
            have the checksum that torchvision knows.
        image_size: Fixed by the data; present so that every data set names its size.

    Raises:
        ValueError: If ``image_size`` is not 32.
    """

    def __init__(self, root: str, mirrors: Sequence[str], image_size: int = 32) -> None:
        if image_size != 32:
            raise ValueError(f"dataset.image_size must be 32 for cifar10, got {image_size}")
        self.root = Path(root).expanduser()
        self.mirrors = mirrors
        self.image_size = image_size

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`; downloads at first use."""
        if not self._is_present():
            self._download()
        data = CIFAR10(self.root, train=split == "train")
        images = torch.from_numpy(data.data).permute(0, 3, 1, 2).contiguous()
        return Pictures(images, torch.tensor(data.targets), tuple(data.classes))

    def _is_present(self) -> bool:
        try:
            CIFAR10(self.root)
        except RuntimeError:  # torchvision's answer to missing and to corrupted files alike.
            return False
        return True

    def _download(self) -> None:
        for url in self.mirrors:
            try:
                self._download_from(url)
            except (OSError, RuntimeError, ValueError, HTTPException) as error:
                logger.warning("CIFAR-10: %s failed (%s)", url, error)
            else:
                return
        raise FileNotFoundError(
            f"CIFAR-10 is not in dataset.root={self.root}, and none of the "
            f"{len(self.mirrors)} dataset.mirrors delivered it\nput {CIFAR10.filename} "
            f"(MD5 {CIFAR10.tgz_md5}) there by hand, or add an address to dataset.mirrors"
        )

    def _download_from(self, url: str) -> None:
        logger.info("CIFAR-10: downloading %s to %s", url, self.root)
        previous = getdefaulttimeout()
        setdefaulttimeout(STALL_SECONDS)  # torchvision sets none: a silent host would hang the run.
        try:
            download_and_extract_archive(
                url, str(self.root), filename=CIFAR10.filename, md5=CIFAR10.tgz_md5
            )
        finally:
            setdefaulttimeout(previous)
