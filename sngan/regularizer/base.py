"""What a regularizer promises: four hooks, called always, each a no-op unless a member needs it.

The paper compares mechanisms of three kinds. Normalisations change layers while the discriminator
is built, penalties add to its loss, and weight clipping acts after its update.
"""

from torch import Tensor, nn

from sngan.architecture.base import Discriminator, Position


class Regularizer:
    """The no-op; a member overrides the hooks it needs and inherits from nothing else.

    Attributes:
        differentiates_twice: Whether its penalty is made of derivatives of the discriminator.
    """

    differentiates_twice: bool = False

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the module that stands in the discriminator in place of a layer.

        Args:
            layer: A convolution, dense layer or embedding, already initialised.
            position: Where it stands.
        """
        return layer

    def prepare(self, discriminator: Discriminator) -> None:
        """Act once on the discriminator when it is complete, before the first iteration."""

    def penalty(
        self, discriminator: Discriminator, real: Tensor, fake: Tensor, labels: Tensor | None
    ) -> Tensor:
        """Return a scalar added to the discriminator's loss.

        Args:
            discriminator: The network being trained.
            real: Real pictures, ``(N, C, H, W)`` in ``[-1, 1]``.
            fake: Generated pictures without a gradient, same shape and range.
            labels: Classes of the real pictures, ``(N,)`` int64, or None.
        """
        return real.new_zeros(())

    def after_step(self, discriminator: Discriminator) -> None:
        """Act on the discriminator after each of its updates."""
