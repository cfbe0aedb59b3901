"""The standard loss of the paper, Eq. 15: cross entropy, non-saturating for the generator.

Paper: https://arxiv.org/abs/1802.05957, Section 4. Authors' code, in the same softplus form:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/updater.py
"""

from torch import Tensor
from torch.nn import functional

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss


class StandardLoss(Loss):
    """Eq. 15, with ``D = sigmoid(f)`` and softplus for what is left of its logarithms."""

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[softplus(-f(x))] + E[softplus(f(G(z)))]``."""
        # -log D(x) and -log(1 - D(G(z))). By way of D they would be infinite where D is sure.
        return functional.softplus(-real.logits).mean() + functional.softplus(fake.logits).mean()

    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[softplus(-f(G(z)))]``."""
        # -log D(G(z)), not log(1 - D(G(z))): that has no gradient where D is sure of its fakes.
        return functional.softplus(-fake.logits).mean()
