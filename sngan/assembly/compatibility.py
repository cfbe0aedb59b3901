"""Do parts that are right by themselves fit each other? Asked before the training."""

from collections.abc import Sequence

from sngan.architecture.base import Discriminator, Generator
from sngan.dataset.base import Dataset
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
    for setting in ("n_classes", "image_size"):
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
