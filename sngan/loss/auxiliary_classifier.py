"""The loss of an auxiliary-classifier GAN, for the paper's Table 8.

The discriminator learns the classes of real pictures only; the generator is asked for pictures of
the class it was given.

Paper: https://arxiv.org/abs/1802.05957, Appendix E. Code of Gulrajani et al., which it uses:
https://github.com/igul222/improved_wgan_training/blob/fa66c57/gan_cifar_resnet.py
"""

from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput
from sngan.loss.base import Loss
from sngan.system.declared import Weight, checked
from sngan.system.require import SettingError


class AuxiliaryClassifierLoss(Loss):
    """An adversarial loss plus the cross entropy of the classes.

    Args:
        adversarial: The loss without classes.
        discriminator_weight: Factor on the cross entropy of real pictures, in D's loss.
        generator_weight: Factor on the cross entropy of generated pictures, in G's loss.

    Raises:
        ValueError: If a factor is negative, or the adversarial loss has classes, too.
    """

    needs_classifier = True

    @checked
    def __init__(
        self, adversarial: Loss, discriminator_weight: Weight = 1.0, generator_weight: Weight = 0.1
    ) -> None:
        if adversarial.needs_classifier:
            raise SettingError(
                "adversarial", f"must be a loss without classes, got {type(adversarial).__name__}"
            )
        self.adversarial = adversarial
        self.needs_real = adversarial.needs_real
        self.discriminator_weight = discriminator_weight
        self.generator_weight = generator_weight

    def discriminator(self, real: DiscriminatorOutput, fake: DiscriminatorOutput) -> Tensor:
        """Return the adversarial loss plus ``-E[log p(y | x)]`` over real pictures, weighted."""
        # Odena et al. have D classify fakes, too; Gulrajani et al. do not.
        adversarial = self.adversarial.discriminator(real, fake)
        return adversarial + self.discriminator_weight * _cross_entropy(real)

    def generator(self, fake: DiscriminatorOutput, *real: DiscriminatorOutput) -> Tensor:
        """Return the adversarial loss plus ``-E[log p(y | G(z, y))]``, weighted."""
        # G is given its classes, so it can be asked for them; D's weight is ten times this one.
        return self.adversarial.generator(fake, *real) + self.generator_weight * _cross_entropy(
            fake
        )


def _cross_entropy(output: DiscriminatorOutput) -> Tensor:
    assert output.class_losses is not None
    return output.class_losses.mean()  # (N,) to ()
