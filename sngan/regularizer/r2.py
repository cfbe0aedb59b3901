"""The zero-centred gradient penalty at generated pictures, R2 (Mescheder et al., 2018).

R1's counterpart; `sngan.regularizer.r1` has the paper and the authors' code, with its factor.
"""

from torch import Tensor

from sngan.architecture.base import Discriminator
from sngan.regularizer.base import Judged, Regularizer
from sngan.regularizer.parts.input_gradient import input_gradient, squared_lengths
from sngan.system.declared import Weight, checked


class R2(Regularizer):
    """Pull the logit's gradient at generated pictures towards zero.

    Args:
        gamma: The paper's, at least 0; its experiments have 10.

    Raises:
        ValueError: If it is negative.
    """

    differentiates_twice = True

    @checked
    def __init__(self, gamma: Weight = 10.0) -> None:
        self.gamma = gamma

    def penalty(self, discriminator: Discriminator, judged: Judged) -> Tensor:
        """Return ``gamma / 2 * E[||grad f(G(z))||^2]``; G gets no gradient from it.

        The discriminator is run once more, so a power iteration advances.
        """
        # As of the classes that the fakes were made for.
        gradient = input_gradient(discriminator, judged.fake, judged.fake_labels)
        return self.gamma / 2 * squared_lengths(gradient).mean()
