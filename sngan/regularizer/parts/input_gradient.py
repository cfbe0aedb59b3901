"""The gradient of the discriminator's logit with respect to its picture, one per picture."""

from collections.abc import Callable

import torch
from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput

Judge = Callable[[Tensor, Tensor | None], DiscriminatorOutput]
"""A discriminator, or what is called like one."""


def input_gradient(judge: Judge, images: Tensor, labels: Tensor | None) -> Tensor:
    """Run a discriminator once more and return ``grad f`` at some pictures, ``(N, C, H, W)``.

    In float32 at least, if the pictures are; a power iteration advances as in every pass. It can
    be differentiated again, with respect to the discriminator and not to the pictures.

    Args:
        judge: The discriminator.
        images: Where, ``(N, C, H, W)``.
        labels: Their classes, ``(N,)`` int64, or None.
    """
    images = images.detach().requires_grad_()
    return gradient_of(judge(images, labels).logits, images)


def gradient_of(logits: Tensor, images: Tensor) -> Tensor:
    """Return the gradient of each logit with respect to its own picture, ``(N, C, H, W)``.

    It can be differentiated again.

    Args:
        logits: Made from the pictures, ``(N,)``.
        images: They require a gradient.
    """
    # Of the logit, not of its sigmoid. No picture's logit depends on another picture, so the
    # gradient of the sum holds the gradient of each; under batch norm that is not quite so.
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient


def lengths(gradients: Tensor) -> Tensor:
    """Return the length of each picture's gradient, ``(N, C, H, W)`` to ``(N,)``."""
    return torch.linalg.vector_norm(gradients.flatten(1), dim=1)


def squared_lengths(gradients: Tensor) -> Tensor:
    """Return its square; unlike the length it has a derivative at zero."""
    return gradients.square().flatten(1).sum(dim=1)
