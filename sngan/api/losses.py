"""Losses and the gradient penalty as functions of logits, for training loops of anybody.

Each is the member of its group, called with logits alone, so no formula stands twice.
"""

from collections.abc import Callable

from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.hinge import HingeLoss
from sngan.loss.standard import StandardLoss
from sngan.loss.wasserstein import WassersteinLoss
from sngan.regularizer.gradient_penalty import GradientPenalty


def hinge_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return ``E[max(0, 1 - f(x))] + E[max(0, 1 + f(G(z)))]`` (the paper's Eq. 16).

    Args:
        real_logits: The discriminator's ``f`` of real pictures, any shape.
        fake_logits: That of generated ones, any shape.

    Returns:
        A scalar, as of every loss here.
    """
    return HingeLoss().discriminator(_output(real_logits), _output(fake_logits))


def hinge_generator_loss(fake_logits: Tensor) -> Tensor:
    """Return ``-E[f(G(z))]`` (Eq. 17); see `hinge_discriminator_loss`."""
    return HingeLoss().generator(_output(fake_logits))


def standard_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return the cross entropy (Eq. 15): ``E[softplus(-f(x))] + E[softplus(f(G(z)))]``.

    See `hinge_discriminator_loss`.
    """
    return StandardLoss().discriminator(_output(real_logits), _output(fake_logits))


def standard_generator_loss(fake_logits: Tensor) -> Tensor:
    """Return the non-saturating ``E[softplus(-f(G(z)))]``; see `hinge_discriminator_loss`."""
    return StandardLoss().generator(_output(fake_logits))


def wasserstein_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return ``E[f(G(z))] - E[f(x)]`` (Eq. 29 without the penalty); see `gradient_penalty`."""
    return WassersteinLoss().discriminator(_output(real_logits), _output(fake_logits))


def wasserstein_generator_loss(fake_logits: Tensor) -> Tensor:
    """Return ``-E[f(G(z))]``; see `hinge_discriminator_loss`."""
    return WassersteinLoss().generator(_output(fake_logits))


def gradient_penalty(
    discriminator: Callable[..., Tensor | DiscriminatorOutput],
    real: Tensor,
    fake: Tensor,
    weight: float = 10.0,
    labels: Tensor | None = None,
) -> Tensor:
    """Return ``weight * E[(||grad f(mixed)|| - 1)^2]`` (Eq. 30), mixed from real and fake.

    No gradient flows into ``real`` and ``fake``.

    Args:
        discriminator: Gives the logits of samples, and of their labels if there are any.
        real: Real samples, ``(N, ...)``, pictures or anything else.
        fake: Generated ones, same shape.
        weight: The paper's lambda, at least 0.
        labels: Second argument of the discriminator; None for none.

    Returns:
        A scalar to add to the discriminator's loss.

    Raises:
        ValueError: If the shapes differ, or the weight is negative.
    """
    if real.shape != fake.shape:
        raise ValueError(
            f"real and fake must be of one shape, got {tuple(real.shape)} and {tuple(fake.shape)}"
        )
    shape = real.shape

    def judge(mixed: Tensor, labels: Tensor | None) -> DiscriminatorOutput:
        samples = mixed.reshape(shape)
        found = discriminator(samples) if labels is None else discriminator(samples, labels)
        return found if isinstance(found, DiscriminatorOutput) else _output(found)

    # The member mixes pictures; samples of any shape are pictures of one pixel to it.
    real, fake = (samples.detach().reshape(len(samples), -1, 1, 1) for samples in (real, fake))
    return GradientPenalty(weight).between(judge, real, fake, labels)


def _output(logits: Tensor) -> DiscriminatorOutput:
    return DiscriminatorOutput(logits)
