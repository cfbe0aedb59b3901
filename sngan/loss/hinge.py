"""The hinge loss of the paper, Eq. 16 (discriminator) and Eq. 17 (generator)."""

from torch import Tensor
from torch.nn import functional

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss


class HingeLoss(Loss):
    """Eq. 16 and 17."""

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[max(0, 1 - f(x))] + E[max(0, 1 + f(G(z)))]``."""
        return functional.relu(1 - real.logits).mean() + functional.relu(1 + fake.logits).mean()

    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return ``-E[f(G(z))]``."""
        return -fake.logits.mean()
