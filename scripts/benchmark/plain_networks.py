"""The networks of the paper's Tables 3 and 4 as most people write them in PyTorch.

The functions are those of `sngan.architecture.cnn` and `sngan.architecture.resnet_cifar`, layers in
the same order; only the way there differs: `torch.nn.utils.spectral_norm` on each layer, ordinary
modules, no hooks.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import spectral_norm

from scripts.benchmark.task import LATENT_SIZE, Task

EPS = 2e-5  # Of batch norm, as in the paper's code; makes no difference to speed.
SLOPE = 0.1


class CnnGenerator(nn.Module):
    """Table 3, left.

    Args:
        task: Says how wide and how large.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        first, *others = (task.channels(count) for count in (512, 256, 128, 64))
        self.bottom = task.image_size // 8
        self.dense = nn.Linear(LATENT_SIZE, first * self.bottom**2)
        layers: list[nn.Module] = []
        inputs = first
        for outputs in others:
            layers += [
                nn.ConvTranspose2d(inputs, outputs, 4, 2, 1),
                nn.BatchNorm2d(outputs, eps=EPS),
                nn.ReLU(inplace=True),
            ]
            inputs = outputs
        self.main = nn.Sequential(*layers, nn.Conv2d(inputs, 3, 3, 1, 1), nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        """Map noise, ``(N, 128)``, to pictures in ``[-1, 1]``."""
        hidden = self.dense(z)
        return self.main(hidden.view(len(z), -1, self.bottom, self.bottom))


class CnnDiscriminator(nn.Module):
    """Table 3, right.

    Args:
        task: Says how wide and how large.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for index, count in enumerate((64, 64, 128, 128, 256, 256, 512)):
            outputs = task.channels(count)
            kernel, stride = (4, 2) if index % 2 else (3, 1)
            layers += [
                spectral_norm(nn.Conv2d(inputs, outputs, kernel, stride, 1)),
                nn.LeakyReLU(SLOPE, inplace=True),
            ]
            inputs = outputs
        self.main = nn.Sequential(*layers)
        self.dense = spectral_norm(nn.Linear(inputs * (task.image_size // 8) ** 2, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Map pictures to logits, ``(N,)``."""
        return self.dense(self.main(images).flatten(1)).squeeze(1)


class _UpBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels, eps=EPS)
        self.conv1 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.norm2 = nn.BatchNorm2d(channels, eps=EPS)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.shortcut = nn.Conv2d(channels, channels, 1)
        self.up = nn.Upsample(scale_factor=2)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv1(self.up(functional.relu(self.norm1(x))))
        hidden = self.conv2(functional.relu(self.norm2(hidden)))
        return hidden + self.shortcut(self.up(x))


class ResNetGenerator(nn.Module):
    """Table 4, left.

    Args:
        task: Says how wide and how large.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        channels = task.channels(256)
        self.bottom = task.image_size // 8
        self.dense = nn.Linear(LATENT_SIZE, channels * self.bottom**2)
        self.blocks = nn.Sequential(*(_UpBlock(channels) for _ in range(3)))
        self.norm = nn.BatchNorm2d(channels, eps=EPS)
        self.last = nn.Conv2d(channels, 3, 3, 1, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Map noise, ``(N, 128)``, to pictures in ``[-1, 1]``."""
        hidden = self.dense(z).view(len(z), -1, self.bottom, self.bottom)
        return torch.tanh(self.last(functional.relu(self.norm(self.blocks(hidden)))))


class _FirstBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = spectral_norm(nn.Conv2d(3, channels, 3, 1, 1))
        self.conv2 = spectral_norm(nn.Conv2d(channels, channels, 3, 1, 1))
        self.shortcut = spectral_norm(nn.Conv2d(3, channels, 1))
        self.down = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv2(functional.relu(self.conv1(x)))
        return self.down(hidden) + self.shortcut(self.down(x))


class _Block(nn.Module):
    def __init__(self, channels: int, down: bool) -> None:
        super().__init__()
        self.conv1 = spectral_norm(nn.Conv2d(channels, channels, 3, 1, 1))
        self.conv2 = spectral_norm(nn.Conv2d(channels, channels, 3, 1, 1))
        self.shortcut: nn.Module = nn.Identity()
        self.down: nn.Module = nn.Identity()
        if down:
            self.shortcut = spectral_norm(nn.Conv2d(channels, channels, 1))
            self.down = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv2(functional.relu(self.conv1(functional.relu(x))))
        return self.down(hidden) + self.down(self.shortcut(x))


class ResNetDiscriminator(nn.Module):
    """Table 4, right.

    Args:
        task: Says how wide; any size will do.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        channels = task.channels(128)
        others = (_Block(channels, down) for down in (True, False, False))
        self.blocks = nn.Sequential(_FirstBlock(channels), *others)
        self.dense = spectral_norm(nn.Linear(channels, 1, bias=False))

    def forward(self, images: Tensor) -> Tensor:
        """Map pictures to logits, ``(N,)``."""
        hidden = functional.relu(self.blocks(images)).sum(dim=(2, 3))
        return self.dense(hidden).squeeze(1)
