"""What an augmentation promises: it stands between pictures and D, and is nowhere else.

D sees real and generated pictures changed at random, in both networks' updates. If only real ones
were changed, G would learn to make changed ones.

The paper has none. Why both kinds must be changed, and differentiably: Zhao et al., 2020,
https://arxiv.org/abs/2006.10738, Section 3.
"""

import torch
from torch import Tensor, nn

from sngan.architecture.base import DiscriminatorOutput


class Augmentation(nn.Module):
    """The no-op; a member overrides `augment`, and what else it needs.

    All of it is part of what `sngan.training.capture` records: random numbers are drawn on the
    device, shapes stay, and nothing asks the device for a number. What goes on from update to
    update is a buffer, changed in place; it is saved and restored with the networks.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Return pictures as D sees them, in float32 at least.

        Args:
            images: Real or generated, ``(N, C, H, W)`` in ``[-1, 1]``.
        """
        if type(self).augment is Augmentation.augment:
            return images
        return self.augment(images.to(torch.promote_types(images.dtype, torch.float32)))

    def augment(self, images: Tensor) -> Tensor:
        """Return changed pictures of the same shape; they have the gradient of the unchanged ones.

        Args:
            images: Real or generated, ``(N, C, H, W)`` in ``[-1, 1]``.
        """
        return images

    def observe(self, of_real: DiscriminatorOutput) -> None:
        """Learn in each update of D what it says of real pictures.

        Args:
            of_real: Its logits have a gradient.
        """

    def after_iteration(self) -> None:
        """Act when both networks have moved."""

    def measured(self) -> dict[str, Tensor]:
        """Return scalars for the record by name, on the device; asked only when it is written."""
        return {}
