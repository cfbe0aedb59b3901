"""The Wasserstein loss of WGAN-GP (the paper's Eq. 29, without its penalty)."""

from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss


class WassersteinLoss(Loss):
    """A difference of means; it bounds nothing by itself, so it wants a penalty beside it."""

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[f(G(z))] - E[f(x)]``."""
        return fake.logits.mean() - real.logits.mean()

    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return ``-E[f(G(z))]``."""
        return -fake.logits.mean()
