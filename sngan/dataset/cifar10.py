"""CIFAR-10."""

from collections.abc import Sequence

from torchvision.datasets import CIFAR10

from sngan.dataset.parts.cifar import Cifar
from sngan.system.declared import Classes, PathText, Pixels, Text, checked


class Cifar10(Cifar):
    """See `Cifar`; 10 classes."""

    title = "CIFAR-10"
    source = CIFAR10
    archive_bytes = 170_498_071
    classes = 10

    @checked
    def __init__(
        self,
        root: PathText,
        mirrors: Sequence[Text],
        image_size: Pixels = 32,
        n_classes: Classes = 10,
    ) -> None:
        super().__init__(root, mirrors, image_size, n_classes)
