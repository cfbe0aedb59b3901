"""The standard loss of the paper, Eq. 15: cross entropy, non-saturating for the generator."""

from torch import Tensor
from torch.nn import functional

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss


class StandardLoss(Loss):
    """Eq. 15 in the softplus form of the authors' sngan_projection, ``updater.py``."""

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[softplus(-f(x))] + E[softplus(f(G(z)))]``."""
        return functional.softplus(-real.logits).mean() + functional.softplus(fake.logits).mean()

    def generator(self, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[softplus(-f(G(z)))]``."""
        return functional.softplus(-fake.logits).mean()
