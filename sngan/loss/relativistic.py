"""The relativistic pairing loss (Jolicoeur-Martineau, 2018), with which R3GAN trains.

D says of a real picture how much more real it is than a fake, not how real it is. Sun et al. (2020)
show that its landscape has no bad basins as those of losses that look at each kind alone.

Papers: https://arxiv.org/abs/1807.00734 (RpGAN), https://arxiv.org/abs/2501.05441 (R3GAN, Section
2.1; Huang et al., 2024). Authors' code of the latter: https://github.com/brownvc/R3GAN
"""

from torch import Tensor
from torch.nn import functional

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss


class RelativisticLoss(Loss):
    """The standard loss of differences: each real picture against the fake beside it."""

    needs_real = True

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return ``E[softplus(-(f(x) - f(G(z))))]``."""
        # A constant added to f changes nothing: nothing holds the logits near zero.
        return functional.softplus(fake.logits - real.logits).mean()

    def generator(
        self, fake: DiscriminatorOutput, real: DiscriminatorOutput | None = None
    ) -> Tensor:
        """Return ``E[softplus(-(f(G(z)) - f(x)))]``."""
        assert real is not None
        return functional.softplus(real.logits - fake.logits).mean()
