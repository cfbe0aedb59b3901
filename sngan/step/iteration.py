"""One training iteration, top to bottom: the algorithm of the authors' ``updater.py``.

The generator moves first, then the discriminator ``n_dis`` times, each time on a fresh real batch
and fresh fakes. A power iteration advances for real and for generated pictures, so ``2 n_dis + 1``
times. The generator is in train mode throughout, so its batch norm statistics move ``n_dis + 1``
times. Nothing here waits for the device, and nothing that changes from one iteration to the next
lives on the host, so that `sngan.training.capture` can record all of it once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.optim import Optimizer

from sngan.architecture.base import Discriminator, Generator
from sngan.loss.base import Loss
from sngan.regularizer.base import Regularizer
from sngan.step.passes import Passes, SeparatePasses
from sngan.system.require import require_positive
from sngan.system.states import Stateful, States

Batch = tuple[Tensor, Tensor | None]
"""Pictures, real or generated, and their classes."""


class BatchSource(Stateful, Protocol):
    """Where real pictures come from; see `sngan.step.batches.Batches`."""

    def prepare(self, count: int) -> None:
        """Choose the pictures of the next ``count`` batches: what only the host can do."""

    def prepared(self) -> Iterator[Batch]:
        """Yield them: pictures in ``[-1, 1]`` and their labels."""


class LatentSource(Protocol):
    """Where noise comes from; see `sngan.sampling.latents.Latents`."""

    def sample(self, count: int) -> tuple[Tensor, Tensor | None]:
        """Return noise, ``(count, latent_size)``, and labels for the fakes."""


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
        fakes_together: For how many D updates one pass of G makes the fakes; they share the
            statistics of its batch norm then.

    Attributes:
        states: Networks, optimizers and data order; whoever adds a part with a state adds it here.

    Raises:
        ValueError: If a count is below 1.
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
    ) -> None:
        require_positive(
            n_dis=n_dis,
            batch_size=batch_size,
            generator_batch_size=generator_batch_size,
            fakes_together=fakes_together,
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
        self.states = States(
            generator=generator,
            discriminator=discriminator,
            generator_optimizer=generator_optimizer,
            discriminator_optimizer=discriminator_optimizer,
            batches=batches,
        )

    def __call__(self) -> Losses:
        """Update the generator once, then the discriminator ``n_dis`` times."""
        self.prepare()
        return self.update()

    def prepare(self) -> None:
        """Do the host's share of the next `update`."""
        self.batches.prepare(self.n_dis)

    def update(self) -> Losses:
        """Update both networks, on the pictures that `prepare` has chosen."""
        generator_loss = self.update_generator()
        reals, fakes = self.batches.prepared(), self.fakes(self.n_dis)
        updates = [self.update_discriminator(reals, fakes) for _ in range(self.n_dis)]
        losses, penalties = zip(*updates, strict=True)
        return Losses(generator_loss, torch.stack(losses), torch.stack(penalties))

    def update_generator(self) -> Tensor:
        """Move G on fresh noise through a D whose parameters rest; return the loss."""
        z, labels = self.latents.sample(self.generator_batch_size)
        with _frozen(self.discriminator), self._autocast(z):
            verdict = self.discriminator(self.generator(z, labels), labels)
        loss = self.loss.generator(verdict.full_precision())
        _descend(self.generator_optimizer, loss)
        return loss.detach()

    def update_discriminator(
        self, reals: Iterator[Batch], fakes: Iterator[Batch]
    ) -> tuple[Tensor, Tensor]:
        """Move D on the next batch of each kind; return adversarial loss and penalty."""
        real, labels = next(reals)
        loss, fake = self.discriminator_loss(real, labels, fakes)
        penalty = self.regularizer.penalty(self.discriminator, real, fake, labels)
        _descend(self.discriminator_optimizer, loss + penalty)
        self.regularizer.after_step(self.discriminator)
        return loss.detach(), penalty.detach()

    def discriminator_loss(
        self, real: Tensor, labels: Tensor | None, fakes: Iterator[Batch]
    ) -> tuple[Tensor, Tensor]:
        """Return D's adversarial loss on a real batch and the next fakes, scalar, and the fakes.

        Args:
            real: Real pictures, ``(N, 3, H, W)`` in ``[-1, 1]``.
            labels: Their classes, ``(N,)`` int64, or None.
            fakes: See `fakes`.
        """
        with self._autocast(real):
            fake, fake_labels = next(fakes)
            of_real, of_fake = self.passes(real, labels, fake, fake_labels)
        loss = self.loss.discriminator(of_real.full_precision(), of_fake.full_precision())
        return loss, fake.to(real.dtype)

    def fakes(self, count: int) -> Iterator[Batch]:
        """Yield batches of fakes without a gradient, each made when it is asked for.

        Args:
            count: Number of batches.
        """
        together = min(self.fakes_together, count)
        for _ in range(0, count, together):
            z, labels = self.latents.sample(self.batch_size * together)
            with torch.no_grad():
                fakes = self.generator(z, labels).split(self.batch_size)
            yield from zip(
                fakes,
                repeat(None) if labels is None else labels.split(self.batch_size),
                strict=False,
            )

    def _autocast(self, like: Tensor) -> torch.autocast:
        enabled = self.autocast_dtype is not None
        return torch.autocast(like.device.type, self.autocast_dtype, enabled=enabled)


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


def _descend(optimizer: Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
