"""The hinge loss of the paper, Eq. 16 (discriminator) and Eq. 17 (generator).

Paper: https://arxiv.org/abs/1802.05957, Section 4. Authors' code:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/updater.py
"""

from torch import Tensor
from torch.nn import functional

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss


class HingeLoss(Loss):
    """Eq. 16 and 17."""

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[max(0, 1 - f(x))] + E[max(0, 1 + f(G(z)))]``."""
        # A picture on the right side of the margin has no gradient: D stops at one.
        return functional.relu(1 - real.logits).mean() + functional.relu(1 + fake.logits).mean()

    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return ``-E[f(G(z))]``."""
        # No margin for G: it is never told that it is good enough.
        return -fake.logits.mean()
