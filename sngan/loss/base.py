"""What a loss promises: both sides of the game in one object, so that they cannot drift apart."""

from abc import ABC, abstractmethod

from torch import Tensor


class Loss(ABC):
    """An adversarial objective; both sides are minimised."""

    @abstractmethod
    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Return the discriminator's loss.

        Args:
            real_logits: Logits of real pictures, ``(N,)``.
            fake_logits: Logits of generated pictures, ``(M,)``.

        Returns:
            A scalar.
        """

    @abstractmethod
    def generator(self, fake_logits: Tensor) -> Tensor:
        """Return the generator's loss.

        Args:
            fake_logits: Logits of generated pictures, ``(M,)``.

        Returns:
            A scalar.
        """
