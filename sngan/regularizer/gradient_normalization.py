"""Gradient normalization (Wu et al., 2021): the whole discriminator has Lipschitz constant one.

Of a D made of convolutions, dense layers and (leaky) ReLU, which is linear in pieces, the gradient
of what is returned here has length ``(||grad f|| / (||grad f|| + |f|))^2``, at most one.

Paper: https://arxiv.org/abs/2109.02235. Authors' code:
https://github.com/basiclab/GNGAN-PyTorch/blob/b320584/models/gradnorm.py
"""

import torch
from torch import Tensor

from sngan.architecture.base import Discriminator, DiscriminatorOutput
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.input_gradient import gradient_of, lengths


class GradientNormalization(Regularizer):
    """Let D return ``f / (||grad f|| + |f|)``, in its own updates and in those of G.

    What `sngan-analyze` shows is of ``f`` itself. Class losses are left as they are.
    """

    differentiates_twice = True

    def prepare(self, discriminator: Discriminator) -> None:
        """Put the normalisation around the discriminator's own forward pass."""
        # Not a hook on its output: where no gradient is wanted, in a monitor, there would be none
        # to divide by. Weights and their names stay what they were.
        if not isinstance(discriminator.forward, _Normalized):
            discriminator.forward = _Normalized(discriminator)  # type: ignore[method-assign]


class _Normalized:
    """The forward pass of a discriminator with its logits normalised.

    Args:
        discriminator: Whose.
    """

    def __init__(self, discriminator: Discriminator) -> None:
        self._forward = discriminator.forward

    def __call__(self, images: Tensor, labels: Tensor | None = None) -> DiscriminatorOutput:
        """See `Discriminator.forward`."""
        wanted = torch.is_grad_enabled()
        with torch.enable_grad():
            # In G's update they are part of its graph, and stay it.
            images = images.to(torch.promote_types(images.dtype, torch.float32))
            if not images.requires_grad:
                images = images.detach().requires_grad_()
            output = self._forward(images, labels)
            logits = _normalized(output.full_precision().logits, images)
        return DiscriminatorOutput(logits if wanted else logits.detach(), output.class_losses)


def _normalized(logits: Tensor, images: Tensor) -> Tensor:
    """Return ``f / (||grad f|| + |f|)``, ``(N,)``; no lower precision, it divides."""
    with torch.autocast(images.device.type, enabled=False):
        return logits / (lengths(gradient_of(logits, images)) + logits.abs())
