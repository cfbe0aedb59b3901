"""The Wasserstein loss of WGAN-GP (the paper's Eq. 29, without its penalty).

Paper: https://arxiv.org/abs/1802.05957. Authors' code:
https://github.com/pfnet-research/chainer-gan-lib/blob/cf9efba/wgan_gp/updater.py
"""

from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss


class WassersteinLoss(Loss):
    """A difference of means; it bounds nothing by itself, so it wants a penalty beside it."""

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[f(G(z))] - E[f(x)]``."""
        # Minus the distance of Kantorovich's dual, for an f of Lipschitz constant one.
        return fake.logits.mean() - real.logits.mean()

    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return ``-E[f(G(z))]``."""
        return -fake.logits.mean()
