"""What a regularizer promises: four hooks, called always, each a no-op unless a member needs it.

The paper compares mechanisms of three kinds. Normalisations change layers while the discriminator
is built, penalties add to its loss, and weight clipping acts after its update.
"""

from typing import NamedTuple

from torch import Tensor, nn

from sngan.architecture.base import Discriminator, DiscriminatorOutput, Position


class Judged(NamedTuple):
    """A batch of each kind, and what the discriminator has just said of them.

    Attributes:
        real: Real pictures, ``(N, C, H, W)`` in ``[-1, 1]``.
        labels: Their classes, ``(N,)`` int64, or None.
        fake: Generated pictures without a gradient, ``(M, C, H, W)`` in ``[-1, 1]``.
        fake_labels: Their classes, ``(M,)`` int64, or None.
        of_real: What it said of the real ones, with the gradient of its parameters.
        of_fake: What it said of the generated ones.
    """

    real: Tensor
    labels: Tensor | None
    fake: Tensor
    fake_labels: Tensor | None
    of_real: DiscriminatorOutput
    of_fake: DiscriminatorOutput


class Regularizer:
    """The no-op; a member overrides the hooks it needs and inherits from nothing else.

    Attributes:
        differentiates_twice: Whether its penalty is made of derivatives of the discriminator.
        state: Buffers that go on from update to update, saved and restored with the networks; None
            for none. `prepare` brings them to the device, hooks change them in place.
    """

    differentiates_twice: bool = False
    state: nn.Module | None = None

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the module that stands in the discriminator in place of a layer.

        Args:
            layer: A convolution, dense layer or embedding, already initialised.
            position: Where it stands.
        """
        return layer

    def prepare(self, discriminator: Discriminator) -> None:
        """Act once on the discriminator when it is complete, before the first iteration."""

    def penalty(self, discriminator: Discriminator, judged: Judged) -> Tensor:
        """Return a scalar added to the discriminator's loss.

        Args:
            discriminator: The network being trained.
            judged: The pictures of this update, and what it said of them.
        """
        return judged.real.new_zeros(())

    def after_step(self, discriminator: Discriminator) -> None:
        """Act on the discriminator after each of its updates."""
