"""CIFAR-100."""

from collections.abc import Sequence

from torchvision.datasets import CIFAR100

from sngan.dataset.parts.cifar import Cifar
from sngan.system.declared import Classes, PathText, Pixels, Text, checked


class Cifar100(Cifar):
    """See `Cifar`; 100 classes."""

    title = "CIFAR-100"
    source = CIFAR100
    archive_bytes = 169_001_437
    classes = 100

    @checked
    def __init__(
        self,
        root: PathText,
        mirrors: Sequence[Text],
        image_size: Pixels = 32,
        n_classes: Classes = 100,
    ) -> None:
        super().__init__(root, mirrors, image_size, n_classes)
