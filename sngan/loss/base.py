"""What a loss promises: both sides of the game in one object, so that they cannot drift apart."""

from abc import ABC, abstractmethod

from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput


class Loss(ABC):
    """An adversarial objective; both sides are minimised.

    Attributes:
        needs_classifier: Whether D must give class losses, too.
        needs_real: Whether `generator` takes a second argument: what D says of real pictures, as
            many as there are generated ones.
    """

    needs_classifier: bool = False
    needs_real: bool = False

    @abstractmethod
    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return the discriminator's loss.

        Args:
            real: What D says of real pictures.
            fake: What D says of generated pictures.

        Returns:
            A scalar.
        """

    @abstractmethod
    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return the generator's loss.

        Args:
            fake: What D says of generated pictures.

        Returns:
            A scalar.
        """
