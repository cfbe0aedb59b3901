"""The zero-centred gradient penalty at real pictures, R1 (Mescheder et al., 2018).

At the equilibrium D says nothing, so its gradient there is zero; a penalty that pulls it to one, as
WGAN-GP's, keeps the game from coming to rest.

Paper: https://arxiv.org/abs/1801.04406. Authors' code:
https://github.com/LMescheder/GAN_stability/blob/c1f64c9/gan_training/train.py
It has no half in front: its ``reg_param`` of 10 is a gamma of 20 here. It differentiates the pass
that made the loss; here D is run once more, so a power iteration advances three times per update.
"""

from torch import Tensor

from sngan.architecture.base import Discriminator
from sngan.regularizer.base import Judged, Regularizer
from sngan.regularizer.parts.input_gradient import input_gradient, squared_lengths
from sngan.system.declared import Weight, checked


class R1(Regularizer):
    """Pull the logit's gradient at real pictures towards zero.

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
        """Return ``gamma / 2 * E[||grad f(x)||^2]`` over real pictures."""
        gradient = input_gradient(discriminator, judged.real, judged.labels)
        return self.gamma / 2 * squared_lengths(gradient).mean()
