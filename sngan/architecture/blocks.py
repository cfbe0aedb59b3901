"""Residual blocks of the paper's Figure 8, as in the authors' sngan_projection.

Initialisation (theirs): Glorot-uniform with gain sqrt(2) for the 3x3 convolutions of the blocks,
gain 1 elsewhere, biases 0. No ReLU here works in place: the shortcut must see the block's input.
"""

import math
from typing import TypeVar

from torch import Tensor, nn
from torch.nn import functional

from sngan.architecture.base import WrapLayer

BATCH_NORM_EPS = 2e-5  # Chainer's default.
RESIDUAL_GAIN = math.sqrt(2)

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


class GeneratorBlock(nn.Module):
    """BN, ReLU, nearest x2, conv 3x3, BN, ReLU, conv 3x3; shortcut: nearest x2, conv 1x1.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output and of the hidden feature map.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs, eps=BATCH_NORM_EPS)
        self.conv1 = convolution(inputs, outputs, gain=RESIDUAL_GAIN)
        self.norm2 = nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPS)
        self.conv2 = convolution(outputs, outputs, gain=RESIDUAL_GAIN)
        self.shortcut = convolution(inputs, outputs, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, inputs, H, W)`` to ``(N, outputs, 2H, 2W)``."""
        hidden = self.conv1(_double(functional.relu(self.norm1(x))))
        hidden = self.conv2(functional.relu(self.norm2(hidden)))
        return hidden + self.shortcut(_double(x))


class DiscriminatorBlock(nn.Module):
    """ReLU, conv 3x3, ReLU, conv 3x3, average pool; shortcut: conv 1x1, average pool.

    The shortcut is the identity when the block changes neither size nor channels.

    Args:
        inputs: Channels of the input and of the hidden feature map.
        outputs: Channels of the output.
        down: Whether to halve the sides.
        wrap_layer: Receives each layer; the regularizer's hook.
    """

    def __init__(self, inputs: int, outputs: int, *, down: bool, wrap_layer: WrapLayer) -> None:
        super().__init__()
        self.down = down
        self.conv1 = wrap_layer(convolution(inputs, inputs, gain=RESIDUAL_GAIN), "hidden")
        self.conv2 = wrap_layer(convolution(inputs, outputs, gain=RESIDUAL_GAIN), "hidden")
        self.shortcut: nn.Module = nn.Identity()
        if down or inputs != outputs:
            self.shortcut = wrap_layer(convolution(inputs, outputs, kernel_size=1), "shortcut")

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, inputs, H, W)`` to ``(N, outputs, H, W)``, or half the sides if ``down``."""
        hidden = self.conv1(functional.relu(x))
        hidden = self.conv2(functional.relu(hidden))
        shortcut = self.shortcut(x)
        return _halve(hidden) + _halve(shortcut) if self.down else hidden + shortcut


class FirstDiscriminatorBlock(nn.Module):
    """The block that reads the picture: no leading ReLU, and the shortcut pools before its conv.

    Args:
        outputs: Channels of the output and of the hidden feature map.
        wrap_layer: Receives each layer; the regularizer's hook.
    """

    def __init__(self, outputs: int, *, wrap_layer: WrapLayer) -> None:
        super().__init__()
        self.conv1 = wrap_layer(convolution(3, outputs, gain=RESIDUAL_GAIN), "first")
        self.conv2 = wrap_layer(convolution(outputs, outputs, gain=RESIDUAL_GAIN), "hidden")
        self.shortcut = wrap_layer(convolution(3, outputs, kernel_size=1), "shortcut")

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, 3, H, W)`` to ``(N, outputs, H/2, W/2)``."""
        hidden = self.conv2(functional.relu(self.conv1(images)))
        return _halve(hidden) + self.shortcut(_halve(images))


def convolution(inputs: int, outputs: int, *, kernel_size: int = 3, gain: float = 1.0) -> nn.Conv2d:
    """Return a size-keeping convolution with Glorot-uniform weights and zero biases."""
    layer = nn.Conv2d(inputs, outputs, kernel_size, padding=kernel_size // 2)
    return glorot(layer, gain)


def glorot(layer: Layer, gain: float = 1.0) -> Layer:
    """Draw a layer's weights Glorot-uniformly, set its bias to zero and return the layer."""
    nn.init.xavier_uniform_(layer.weight, gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")


def _halve(x: Tensor) -> Tensor:
    return functional.avg_pool2d(x, kernel_size=2)
