"""A training iteration in plain eager PyTorch, as most programs have it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from scripts.benchmark import plain_networks
from scripts.benchmark.loader import endless
from scripts.benchmark.task import LATENT_SIZE, Network, Task

NETWORKS: dict[Network, tuple[Callable[[Task], nn.Module], Callable[[Task], nn.Module]]] = {
    "cnn": (plain_networks.CnnGenerator, plain_networks.CnnDiscriminator),
    "resnet": (plain_networks.ResNetGenerator, plain_networks.ResNetDiscriminator),
}
BETAS: dict[Network, tuple[float, float]] = {"cnn": (0.5, 0.999), "resnet": (0.0, 0.9)}
LEARNING_RATE = 2e-4


class PlainIteration:
    """Call it to train once: ``n_dis`` discriminator updates, then one of the generator.

    The habits are those of the published programs: real and fake pictures pass apart, losses are
    read back in each update, and the discriminator's gradients of the generator's update are
    computed and thrown away.

    Args:
        task: What to train on what.
        device: Where.
    """

    def __init__(self, task: Task, device: torch.device) -> None:
        generator, discriminator = NETWORKS[task.network]
        self.task = task
        self.device = device
        self.generator = generator(task).to(device)
        self.discriminator = discriminator(task).to(device)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), LEARNING_RATE, BETAS[task.network])
            for network in (self.generator, self.discriminator)
        ]
        self.batches = endless(task, pin_memory=device.type == "cuda")
        self.losses = {"generator": 0.0, "discriminator": 0.0}

    def __call__(self) -> None:
        """Train once."""
        for _ in range(self.task.n_dis):
            self.update_discriminator()
        self.update_generator()

    def update_discriminator(self) -> None:
        """Move D on a real batch and fresh fakes."""
        real = next(self.batches)[0].to(self.device)
        with torch.no_grad():
            fake = self.generator(self._noise())
        self.optimizers[1].zero_grad()
        loss = self._of_real(self.discriminator(real)) + self._of_fake(self.discriminator(fake))
        loss.backward()
        self.optimizers[1].step()
        self.losses["discriminator"] = loss.item()

    def update_generator(self) -> None:
        """Move G on fresh noise."""
        self.optimizers[0].zero_grad()
        logits = self.discriminator(self.generator(self._noise()))
        hinge = self.task.network == "resnet"
        loss = -logits.mean() if hinge else functional.softplus(-logits).mean()
        loss.backward()
        self.optimizers[0].step()
        self.losses["generator"] = loss.item()

    def _noise(self) -> Tensor:
        return torch.randn(self.task.batch_size, LATENT_SIZE, device=self.device)

    def _of_real(self, logits: Tensor) -> Tensor:
        if self.task.network == "resnet":
            return functional.relu(1 - logits).mean()
        return functional.softplus(-logits).mean()

    def _of_fake(self, logits: Tensor) -> Tensor:
        if self.task.network == "resnet":
            return functional.relu(1 + logits).mean()
        return functional.softplus(logits).mean()
