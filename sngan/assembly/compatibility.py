"""Do parts that are right by themselves fit each other? Asked before the training."""

from collections.abc import Sequence

from sngan.architecture.base import Discriminator, Generator
from sngan.dataset.base import Dataset, Pictures
from sngan.loss.base import Loss


def check_networks(
    generator: Generator, discriminator: Discriminator, loss: Loss, dataset: Dataset
) -> None:
    """Raise unless both networks, the loss and the pictures fit each other.

    Raises:
        ValueError: If they do not.
    """
    if loss.needs_classifier != discriminator.has_classifier:
        raise ValueError(
            "loss=auxiliary_classifier and architecture.conditioning=classifier go together"
        )
    for setting in ("n_classes", "image_size", "image_channels"):
        of_g, of_d = getattr(generator, setting), getattr(discriminator, setting)
        if of_g != of_d:
            raise ValueError(
                f"{setting} must be the same for architecture.generator and "
                f"architecture.discriminator, got {of_g} and {of_d}"
            )
    if generator.image_size != dataset.image_size:
        raise ValueError(
            f"the networks' image_size must be dataset.image_size {dataset.image_size}, "
            f"got {generator.image_size}"
        )
    if generator.image_channels != dataset.channels:
        raise ValueError(
            f"the networks' image_channels must be the data set's {dataset.channels}, "
            f"got {generator.image_channels}"
        )


def check_pictures(pictures: Pictures, dataset: Dataset) -> None:
    """Raise unless pictures have as many channels as their data set says.

    Raises:
        ValueError: If they do not.
    """
    channels = pictures.images.shape[1]
    if channels != dataset.channels:
        raise ValueError(
            f"the pictures of {dataset.name} have {channels} channels, "
            f"its attribute channels says {dataset.channels}"
        )


def check_classes(generator: Generator, class_names: Sequence[str]) -> None:
    """Raise unless a conditional generator knows as many classes as there are.

    Raises:
        ValueError: If it does not.
    """
    if generator.n_classes not in (None, len(class_names)):
        raise ValueError(
            f"architecture.n_classes is {generator.n_classes}, but the data set has "
            f"{len(class_names)} classes"
        )


def check_same_classes(generator: Generator, train: Sequence[str], other: Sequence[str]) -> None:
    """Raise if labels of two splits mean different classes, where that matters.

    Raises:
        ValueError: If they do.
    """
    if generator.n_classes is not None and list(train) != list(other):
        raise ValueError(
            f"the classes of both splits must be the same for a conditional network, "
            f"got {', '.join(train)} and {', '.join(other)}"
        )
