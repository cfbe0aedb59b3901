"""What a loss promises: both sides of the game in one object, so that they cannot drift apart."""

from abc import ABC, abstractmethod

from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput


class Loss(ABC):
    """An adversarial objective; both sides are minimised.

    Attributes:
        needs_classifier: Whether verdicts must come with class losses.
    """

    needs_classifier: bool = False

    @abstractmethod
    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return the discriminator's loss.

        Args:
            real: The verdict on real pictures.
            fake: The verdict on generated pictures.

        Returns:
            A scalar.
        """

    @abstractmethod
    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return the generator's loss.

        Args:
            fake: The verdict on generated pictures.

        Returns:
            A scalar.
        """
