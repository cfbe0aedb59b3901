"""CIFAR-10."""

from collections.abc import Sequence

from torchvision.datasets import CIFAR10

from sngan.dataset.parts.cifar import Cifar


class Cifar10(Cifar):
    """See `Cifar`; 10 classes."""

    title = "CIFAR-10"
    source = CIFAR10
    archive_bytes = 170_498_071
    classes = 10

    def __init__(
        self, root: str, mirrors: Sequence[str], image_size: int = 32, n_classes: int = 10
    ) -> None:
        super().__init__(root, mirrors, image_size, n_classes)
