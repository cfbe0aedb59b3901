"""CIFAR-100."""

from collections.abc import Sequence

from torchvision.datasets import CIFAR100

from sngan.dataset.parts.cifar import Cifar


class Cifar100(Cifar):
    """See `Cifar`; 100 classes."""

    title = "CIFAR-100"
    source = CIFAR100
    archive_bytes = 169_001_437
    classes = 100

    def __init__(
        self, root: str, mirrors: Sequence[str], image_size: int = 32, n_classes: int = 100
    ) -> None:
        super().__init__(root, mirrors, image_size, n_classes)
