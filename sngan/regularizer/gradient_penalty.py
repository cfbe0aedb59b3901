"""Gradient penalty (the paper's Eq. 29 to 31, after Gulrajani et al., 2017).

Paper: https://arxiv.org/abs/1802.05957. Authors' code:
https://github.com/pfnet-research/chainer-gan-lib/blob/cf9efba/wgan_gp/updater.py
"""

import torch
from torch import Tensor

from sngan.architecture.base import Discriminator
from sngan.regularizer.base import Judged, Regularizer
from sngan.regularizer.parts.input_gradient import Judge, input_gradient, lengths
from sngan.system.declared import Weight, checked


class GradientPenalty(Regularizer):
    """Pull the length of the logit's gradient towards one, between real and fake pictures.

    Args:
        weight: The paper's lambda, at least 0.

    Raises:
        ValueError: If it is negative.
    """

    differentiates_twice = True

    @checked
    def __init__(self, weight: Weight = 10.0) -> None:
        self.weight = weight

    def penalty(self, discriminator: Discriminator, judged: Judged) -> Tensor:
        """Return ``weight * E[(||grad f(mixed)|| - 1)^2]``; lengths are per picture.

        ``mixed = epsilon * real + (1 - epsilon) * fake`` with one ``epsilon ~ U[0, 1]`` per
        picture. The discriminator is run once more for it, so a power iteration advances.
        """
        # Where D is told classes, those of the real pictures.
        return self.between(discriminator, judged.real, judged.fake, judged.labels)

    def between(
        self,
        discriminator: Judge,
        real: Tensor,
        fake: Tensor,
        labels: Tensor | None,
    ) -> Tensor:
        """Return the penalty between pictures of two kinds; see `penalty`."""
        # One epsilon per picture, not per batch: each is somewhere else between real and fake.
        epsilon = torch.rand(len(real), 1, 1, 1, dtype=real.dtype, device=real.device)
        mixed = epsilon * real + (1 - epsilon) * fake
        gradient = input_gradient(discriminator, mixed, labels)

        # Towards one from both sides; for a Lipschitz constant of one the upper side would do.
        return self.weight * (lengths(gradient) - 1).square().mean()
