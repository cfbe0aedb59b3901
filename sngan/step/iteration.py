"""One training iteration, top to bottom.

The generator moves first, then the discriminator ``n_dis`` times, each time on a fresh real batch
and fresh fakes. A power iteration advances for real and for generated pictures, so ``2 n_dis + 1``
times. The generator is in train mode throughout, so its batch norm statistics move ``n_dis + 1``
times. Nothing here waits for the device, and nothing that changes from one iteration to the next
lives on the host, so that `sngan.training.capture` can record all of it once.

Paper: https://arxiv.org/abs/1802.05957, Section 4 and Algorithm 1. Its order of updates, batches
and random draws is not in the paper; it is that of the authors' code,
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/updater.py
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor
from torch.optim import Optimizer

from sngan.architecture.base import Discriminator, DiscriminatorOutput, Generator
from sngan.augmentation.base import Augmentation
from sngan.loss.base import Loss
from sngan.regularizer.base import Judged, Regularizer
from sngan.sampling.latents import LatentSource
from sngan.step.batches import Batch, BatchSource
from sngan.step.descent import Descent
from sngan.step.passes import Passes, SeparatePasses
from sngan.system.optimizer_state import OptimizerState
from sngan.system.require import SettingError
from sngan.system.states import States


def check_batch_sizes(loss: Loss, batch_size: int, generator_batch_size: int) -> None:
    """Raise if a loss that compares both kinds cannot have as many real pictures as G makes.

    Raises:
        ValueError: If it cannot.
    """
    if loss.needs_real and generator_batch_size % batch_size:
        raise SettingError(
            "generator_batch_size",
            f"must be a multiple of batch_size {batch_size} with a loss that compares pairs, "
            f"got {generator_batch_size}",
        )


class Losses(NamedTuple):
    """What one iteration measured, on the device.

    Attributes:
        generator: The generator's loss, scalar.
        discriminator: The discriminator's adversarial losses, ``(n_dis,)``.
        penalty: The regularizer's penalties, ``(n_dis,)``.
    """

    generator: Tensor
    discriminator: Tensor
    penalty: Tensor


class Iteration:
    """Call it to train once, or `prepare` and `update`.

    Args:
        generator: G.
        discriminator: D.
        loss: Both sides of the game.
        regularizer: It prepares D now; its penalty and after-step hooks run in every D update.
        generator_optimizer: Holds G's parameters.
        discriminator_optimizer: Holds D's parameters.
        batches: Real pictures; decides the discriminator's batch size.
        latents: Noise.
        n_dis: Discriminator updates per generator update, at least 1.
        batch_size: Fakes per discriminator update.
        generator_batch_size: Fakes per generator update.
        autocast_dtype: Lower precision for the networks' arithmetic, or None for none. Losses,
            penalties and spectral norms stay in float32 at least.
        passes: How D sees a real and a generated batch; None for one after the other.
        fakes_together: For how many D updates one pass of G makes the fakes, ``n_dis`` at most;
            they share the statistics of its batch norm then. The authors make them one by one.
        descent: How either network moves; None for on a whole batch, by its whole gradient.
        augmentation: Changes all pictures that D sees, in both networks' updates; None for none.

    Attributes:
        states: Networks, optimizers and data order; whoever adds a part with a state adds it here.

    Raises:
        ValueError: If ``fakes_together`` is out of range, or the loss cannot pair the batches.
    """

    def __init__(
        self,
        *,
        generator: Generator,
        discriminator: Discriminator,
        loss: Loss,
        regularizer: Regularizer,
        generator_optimizer: Optimizer,
        discriminator_optimizer: Optimizer,
        batches: BatchSource,
        latents: LatentSource,
        n_dis: int,
        batch_size: int,
        generator_batch_size: int,
        autocast_dtype: torch.dtype | None = None,
        passes: Passes | None = None,
        fakes_together: int = 1,
        descent: Descent | None = None,
        augmentation: Augmentation | None = None,
    ) -> None:
        check_batch_sizes(loss, batch_size, generator_batch_size)
        if not 1 <= fakes_together <= n_dis:
            raise SettingError(
                "fakes_together", f"must be 1 to n_dis {n_dis}, got {fakes_together}"
            )
        regularizer.prepare(discriminator)
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss
        self.regularizer = regularizer
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.batches = batches
        self.latents = latents
        self.n_dis = n_dis
        self.batch_size = batch_size
        self.generator_batch_size = generator_batch_size
        self.autocast_dtype = autocast_dtype
        self.passes = SeparatePasses(discriminator) if passes is None else passes
        self.fakes_together = fakes_together
        self.descent = Descent() if descent is None else descent
        self.augmentation = Augmentation() if augmentation is None else augmentation
        # As many real pictures as fakes, where the loss compares them.
        self.batches_of_generator = generator_batch_size // batch_size if loss.needs_real else 0
        self.states = States(
            generator=generator,
            discriminator=discriminator,
            generator_optimizer=OptimizerState(generator_optimizer),
            discriminator_optimizer=OptimizerState(discriminator_optimizer),
            batches=batches,
        )
        if regularizer.state is not None:
            self.states.add("regularizer", regularizer.state)
        if self.augmentation.state_dict():
            self.states.add("augmentation", self.augmentation)

    def __call__(self) -> Losses:
        """Update the generator once, then the discriminator ``n_dis`` times."""
        self.prepare()
        return self.update()

    def prepare(self) -> None:
        """Do the host's share of the next `update`."""
        self.batches.prepare(self.n_dis + self.batches_of_generator)

    def update(self) -> Losses:
        """Update both networks, on the pictures that `prepare` has chosen."""
        reals, fakes = self.batches.prepared(), deque[Batch]()
        # G goes first: it meets the D that the previous iteration has left.
        generator_loss = self.update_generator(reals)

        # Every update of D reads a real batch of its own. One batch for all of them, as in other
        # programs, would show D n_dis times fewer pictures.
        updates = [self.update_discriminator(reals, fakes) for _ in range(self.n_dis)]
        losses, penalties = zip(*updates, strict=True)
        self.augmentation.after_iteration()
        return Losses(generator_loss, torch.stack(losses), torch.stack(penalties))

    def update_generator(self, reals: Iterator[Batch]) -> Tensor:
        """Move G once, on fresh noise, through a D whose parameters rest; return the loss.

        Args:
            reals: Gives real batches, if the loss compares with them.
        """
        # Labels are drawn with the noise, not taken from real pictures. D is told the same ones.
        z, labels = self.latents.sample(self.generator_batch_size)
        opponents = _joined([next(reals) for _ in range(self.batches_of_generator)])
        (loss,) = self.descent(
            self.generator_optimizer, self.generator_losses, z, labels, *opponents
        )
        return loss

    def generator_losses(
        self, z: Tensor, labels: Tensor | None, real: Tensor | None, real_labels: Tensor | None
    ) -> tuple[Tensor]:
        """Return G's loss on some noise, scalar.

        Args:
            z: Noise, ``(N, latent_size)``.
            labels: Classes, ``(N,)`` int64, or None.
            real: Real pictures, ``(N, C, H, W)`` in ``[-1, 1]``, if the loss compares with them.
            real_labels: Their classes, ``(N,)`` int64, or None.
        """
        with self._autocast(z):
            fake = self.generator(z, labels)
        with _frozen(self.discriminator):
            # Its power iteration does not rest: this is the first of the 2 n_dis + 1 passes.
            said = [self._seen(fake, labels)]
            if real is not None:
                said.append(self._seen(real, real_labels))

        # Eq. 15 or 17. Penalties are D's alone, also where G could lower them.
        return (self.loss.generator(*said),)

    def update_discriminator(
        self, reals: Iterator[Batch], fakes: deque[Batch]
    ) -> tuple[Tensor, Tensor]:
        """Move D once, on fresh pictures of both kinds; return adversarial loss and penalty.

        Args:
            reals: Gives the real batch.
            fakes: Gives the fakes, if an earlier update has made them along with its own; where
                there are none, G makes some and leaves here what is over.
        """
        # The real batch first: noise of its preprocessing is drawn before that of G.
        real, labels = next(reals)

        # The fakes of the G that this iteration has updated already.
        if not fakes:
            fakes.extend(self.make_fakes(self.fakes_together))
        fake, fake_labels = fakes.popleft()

        # Algorithm 1, step 3, with Adam for SGD: what moves is the raw W, through W / sigma.
        loss, penalty = self.descent(
            self.discriminator_optimizer, self.discriminator_losses,
            real, labels, fake, fake_labels,
        )  # fmt: skip
        # Here weight clipping brings W back into its box.
        self.regularizer.after_step(self.discriminator)
        return loss, penalty

    def discriminator_losses(
        self, real: Tensor, labels: Tensor | None, fake: Tensor, fake_labels: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return D's adversarial loss and its penalty, both scalar; arguments of `judge`."""
        judged = self.judge(real, labels, fake, fake_labels)
        self.augmentation.observe(judged.of_real)
        # Eq. 15 or 16, and what a regularizer adds (Eq. 14, Eq. 29). Normalisations add nothing:
        # they are inside of D.
        loss = self.loss.discriminator(judged.of_real, judged.of_fake)
        return loss, self.regularizer.penalty(self.discriminator, judged)

    def make_fakes(self, count: int = 1) -> list[Batch]:
        """Return batches of fakes with their labels, made by one pass of G without a gradient.

        Args:
            count: Number of batches, of ``batch_size`` pictures each.
        """
        z, labels = self.latents.sample(count * self.batch_size)
        # The authors cut the gradient after D's pass; here none is kept to begin with. G stays in
        # train mode: its batch norm uses the statistics of these fakes, and its running ones move.
        with torch.no_grad(), self._autocast(z):
            made = [self.generator(*part) for part in self.descent.split(z, labels)]
        pictures = made[0] if len(made) == 1 else torch.cat(made)
        fakes = pictures.split(self.batch_size)  # (batch_size, C, H, W) each.
        parts = [None] * count if labels is None else labels.split(self.batch_size)
        return list(zip(fakes, parts, strict=True))

    def judge(
        self, real: Tensor, labels: Tensor | None, fake: Tensor, fake_labels: Tensor | None
    ) -> Judged:
        """Return a batch of each kind, as D sees it, with what it says of them.

        Args:
            real: Real pictures, ``(N, C, H, W)`` in ``[-1, 1]``.
            labels: Their classes, ``(N,)`` int64, or None.
            fake: Generated pictures, ``(M, C, H, W)`` in ``[-1, 1]``, without a gradient.
            fake_labels: Their classes, ``(M,)`` int64, or None.
        """
        real, fake = self.augmentation(real), self.augmentation(fake)
        with self._autocast(real):
            of_real, of_fake = self.passes(real, labels, fake, fake_labels)
        # In float32 from here on: a mean in bfloat16 has two or three digits.
        of_real, of_fake = of_real.full_precision(), of_fake.full_precision()
        return Judged(real, labels, fake.to(real.dtype), fake_labels, of_real, of_fake)

    def _seen(self, images: Tensor, labels: Tensor | None) -> DiscriminatorOutput:
        """Return what D says of pictures of one kind."""
        images = self.augmentation(images)
        with self._autocast(images):
            return self.discriminator(images, labels).full_precision()

    def _autocast(self, like: Tensor) -> torch.autocast:
        enabled = self.autocast_dtype is not None
        return torch.autocast(like.device.type, self.autocast_dtype, enabled=enabled)


def _joined(batches: list[Batch]) -> tuple[Tensor | None, Tensor | None]:
    """Return several batches as one; of none, None and None."""
    if not batches:
        return None, None
    images, labels = zip(*batches, strict=True)
    return torch.cat(images), None if labels[0] is None else torch.cat(labels)


@contextmanager
def _frozen(discriminator: Discriminator) -> Iterator[None]:
    """Spare the gradients that the authors' code computes for D in the G step and throws away."""
    trained = [parameter for parameter in discriminator.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)
