"""The hinge loss of the paper, Eq. 16 (discriminator) and Eq. 17 (generator)."""

from torch import Tensor
from torch.nn import functional

from sngan.loss.base import Loss


class HingeLoss(Loss):
    """Eq. 16 and 17."""

    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Return ``E[max(0, 1 - f(x))] + E[max(0, 1 + f(G(z)))]``."""
        return functional.relu(1 - real_logits).mean() + functional.relu(1 + fake_logits).mean()

    def generator(self, fake_logits: Tensor) -> Tensor:
        """Return ``-E[f(G(z))]``."""
        return -fake_logits.mean()
