"""How D judges real and generated pictures in its update: one after the other, or together.

Under spectral norm this is not a matter of taste: ``u`` moves in every pass (Algorithm 1,
https://arxiv.org/abs/1802.05957), so whether two batches make one pass or two changes the weights
they meet. The authors' code makes two, real pictures first:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/updater.py
"""

from typing import Protocol

import torch
from torch import Tensor

from sngan.architecture.base import Discriminator, DiscriminatorOutput
from sngan.regularizer.parts.normalized_layer import (
    NormalizedLayer,
    NormalizedOutput,
    PartwiseModule,
)


class Passes(Protocol):
    """Passes a batch of each kind through the discriminator."""

    def __call__(
        self, real: Tensor, labels: Tensor | None, fake: Tensor, fake_labels: Tensor | None
    ) -> tuple[DiscriminatorOutput, DiscriminatorOutput]:
        """Return what D says of real and of generated pictures.

        Args:
            real: Real pictures, ``(N, C, H, W)`` in ``[-1, 1]``.
            labels: Their classes, ``(N,)`` int64, or None.
            fake: Generated pictures, ``(M, C, H, W)`` in ``[-1, 1]``.
            fake_labels: Their classes, ``(M,)`` int64, or None.
        """


class SeparatePasses:
    """Real pictures first, then generated ones, as in the authors' code.

    Args:
        discriminator: D.
    """

    def __init__(self, discriminator: Discriminator) -> None:
        self.discriminator = discriminator

    def __call__(
        self, real: Tensor, labels: Tensor | None, fake: Tensor, fake_labels: Tensor | None
    ) -> tuple[DiscriminatorOutput, DiscriminatorOutput]:
        """See `Passes.__call__`."""
        return self.discriminator(real, labels), self.discriminator(fake, fake_labels)


class JointPass:
    """Both in one batch, whose parts have batch statistics and spectral norms of their own.

    The numbers are those of `SeparatePasses` but for rounding: ``u`` moves once for each part.

    Args:
        discriminator: D.
        single_sigma: Whether both parts share one power iteration after all, so that ``u`` moves
            once. Other numbers: the fakes meet a weight that is one round of iteration behind.
    """

    def __init__(self, discriminator: Discriminator, single_sigma: bool = False) -> None:
        self.discriminator = discriminator
        # Batch norm is told of the parts always: over both kinds of pictures together it would
        # give away which is which. Spectral norm is told unless both are to share its sigma.
        kind = NormalizedOutput if single_sigma else PartwiseModule
        self._partwise = [part for part in discriminator.modules() if isinstance(part, kind)]

    def __call__(
        self, real: Tensor, labels: Tensor | None, fake: Tensor, fake_labels: Tensor | None
    ) -> tuple[DiscriminatorOutput, DiscriminatorOutput]:
        """See `Passes.__call__`."""
        # One large batch keeps a device busier than two small ones.
        sizes = (len(real), len(fake))
        images = torch.cat([real, fake.to(real.dtype)])  # (N + M, 3, H, W)
        both = None
        if labels is not None and fake_labels is not None:
            both = torch.cat([labels, fake_labels])
        # Only for this pass: in G's update there is one kind of pictures.
        self._set_parts(sizes)
        try:
            of_real, of_fake = self.discriminator(images, both).split(sizes)
        finally:
            self._set_parts(())
        return of_real, of_fake

    def _set_parts(self, sizes: tuple[int, ...]) -> None:
        for module in self._partwise:
            module.parts = sizes


def passes_for(discriminator: Discriminator, joint_pass: bool, single_sigma: bool) -> Passes:
    """Return the way to pass that some settings ask for.

    Raises:
        ValueError: If there is no sigma to share.
    """
    normalized = [m for m in discriminator.modules() if isinstance(m, NormalizedLayer)]
    if single_sigma and not any(layer.estimates_sigma for layer in normalized):
        raise ValueError("single_sigma=true needs regularizer=spectral_norm")
    return JointPass(discriminator, single_sigma) if joint_pass else SeparatePasses(discriminator)
