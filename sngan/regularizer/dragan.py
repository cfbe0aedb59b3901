"""DRAGAN: a gradient penalty around real pictures (Kodali et al., 2017).

The paper writes Gaussian noise of variance ``c``, about 10, and does not say on which scale. Here
it is that of the authors' code: uniform, one-sided, in units of the batch's standard deviation.

Paper: https://arxiv.org/abs/1705.07215. Authors' code:
https://github.com/kodalinaveen3/DRAGAN/blob/5cf95ab/DRAGAN.ipynb
"""

import torch
from torch import Tensor

from sngan.architecture.base import Discriminator
from sngan.regularizer.base import Judged, Regularizer
from sngan.regularizer.parts.input_gradient import input_gradient, lengths
from sngan.system.declared import Weight, checked


class Dragan(Regularizer):
    """Pull the length of the logit's gradient towards one, near real pictures.

    Args:
        weight: The paper's lambda, at least 0.
        noise: How far away, at least 0: a value moves by at most this many standard deviations of
            all values in the batch.

    Raises:
        ValueError: If either is negative.
    """

    differentiates_twice = True

    @checked
    def __init__(self, weight: Weight = 10.0, noise: Weight = 0.5) -> None:
        self.weight = weight
        self.noise = noise

    def penalty(self, discriminator: Discriminator, judged: Judged) -> Tensor:
        """Return ``weight * E[(||grad f(x + delta)|| - 1)^2]``; lengths are per picture.

        The discriminator is run once more for it, so a power iteration advances.
        """
        gradient = input_gradient(discriminator, self.near(judged.real), judged.labels)
        return self.weight * (lengths(gradient) - 1).square().mean()

    def near(self, real: Tensor) -> Tensor:
        """Return ``x + alpha * noise * std * U``, ``(N, C, H, W)``.

        ``U ~ U[0, 1]`` per value and ``alpha ~ U[0, 1]`` per picture; ``std`` is over all values.
        """
        delta = self.noise * real.std(correction=0) * torch.rand_like(real)
        alpha = torch.rand(len(real), 1, 1, 1, dtype=real.dtype, device=real.device)
        return real + alpha * delta
