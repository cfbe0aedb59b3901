"""LeCam regularization (Tseng et al., 2021), for few training pictures.

D may not say of real pictures what is far from its usual verdict on fakes, nor the reverse: then
its loss is tied to a weighted LeCam divergence, which few pictures estimate better.

Paper: https://arxiv.org/abs/2104.03310. Authors' code:
https://github.com/google/lecam-gan/blob/f9af948/biggan_cifar/losses.py and ``train.py`` beside it,
``ema_losses`` in third_party/utils.py. The numbers below are those of its runs on CIFAR. It counts
iterations where ``start`` counts updates of D, and lets the averages begin one update earlier.
"""

import torch
from torch import Tensor, nn

from sngan.architecture.base import Discriminator
from sngan.regularizer.base import Judged, Regularizer
from sngan.system.declared import Decay, Steps, Weight, checked


class LeCam(Regularizer):
    """Penalise how far logits are from the moving average of the other kind's.

    Args:
        weight: The paper's lambda, at least 0.
        decay: What of the averages stays in an update of D, in [0, 1).
        start: Updates of D without a penalty; so long the averages are the means of the batch.
        one_sided: Whether only logits that are too far apart are penalised, as in the authors'
            code; their formula has squares of both signs.

    Raises:
        ValueError: If a setting is not accepted.
    """

    @checked
    def __init__(
        self,
        weight: Weight = 0.3,
        decay: Decay = 0.9,
        start: Steps = 1000,
        one_sided: bool = False,
    ) -> None:
        self.weight = weight
        self.decay = decay
        self.start = start
        self.one_sided = one_sided
        self.state = self.averages = Averages()

    def prepare(self, discriminator: Discriminator) -> None:
        """Keep the averages where the discriminator is, and as precise."""
        self.averages.to(next(discriminator.parameters()))

    def penalty(self, discriminator: Discriminator, judged: Judged) -> Tensor:
        """Return ``weight * (E[(f(x) - alpha_F)^2] + E[(f(G(z)) - alpha_R)^2])``.

        The averages take in this batch before; no gradient flows through them. The logits are
        those of the loss: D is not run again.
        """
        real, fake = judged.of_real.logits, judged.of_fake.logits  # (N,), (M,)
        begun = self.averages.update(real.mean(), fake.mean(), self.decay, self.start)
        # How far real pictures are above fakes, and fakes below real ones.
        above, below = real - self.averages.fake, self.averages.real - fake
        if self.one_sided:
            above, below = above.relu(), below.relu()
        # Times 0 or 1, not a condition: an iteration is recorded once.
        return self.weight * begun * (above.square().mean() + below.square().mean())


class Averages(nn.Module):
    """The exponential moving averages, on the device; changed in place.

    Attributes:
        real: ``alpha_R``, of logits of real pictures, scalar.
        fake: ``alpha_F``, of generated ones, scalar.
        updates: How many there were, scalar int64.
    """

    real: Tensor
    fake: Tensor
    updates: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("real", torch.zeros(()))
        self.register_buffer("fake", torch.zeros(()))
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def update(self, real: Tensor, fake: Tensor, decay: float, start: int) -> Tensor:
        """Move towards the means of a batch; return 1 if that was after ``start``, else 0."""
        self.updates += 1
        begun = (self.updates > start).to(self.real.dtype)
        share = 1 - decay * begun
        self.real.lerp_(real.to(self.real.dtype), share)
        self.fake.lerp_(fake.to(self.fake.dtype), share)
        return begun
