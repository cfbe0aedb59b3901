"""Residual blocks of the paper.

What its Figure 8 leaves out is as in the authors' code. Initialisation: Glorot-uniform with gain
sqrt(2) for the 3x3 convolutions of the blocks, gain 1 elsewhere, biases 0. A ReLU works in place
where nobody else reads its input: not at the start of a discriminator's block, whose shortcut does.

Paper: https://arxiv.org/abs/1802.05957, Figure 8. Authors' code:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/dis_models/resblocks.py
"""

import math
from typing import Literal, TypeVar

from torch import Tensor, nn
from torch.nn import functional

from sngan.architecture.base import BATCH_NORM_EPS, NormOf, WrapLayer
from sngan.architecture.parts.resampling import (
    BilinearDoublingConvolution,
    DoublingConvolution,
    HalvingConvolution,
    halve,
)

RESIDUAL_GAIN = math.sqrt(2)  # A ReLU halves the mean square; this brings it back.
HALVING_NORM = 0.5  # Of 2x2 average pooling as a linear map: means of 4 places of their own each.

Upsampling = Literal["nearest", "bilinear"]
DOUBLING = {"nearest": DoublingConvolution, "bilinear": BilinearDoublingConvolution}

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear, nn.Embedding)


class BatchNorm(nn.BatchNorm2d):
    """Batch norm with Chainer's constants that takes labels and ignores them.

    Args:
        channels: Channels of the feature map.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=BATCH_NORM_EPS)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Normalise ``(N, channels, H, W)``."""
        return super().forward(x)


class CategoricalBatchNorm(nn.BatchNorm2d):
    """Batch norm with a multiplier and a bias per class, which start as 1 and 0.

    Args:
        channels: Channels of the feature map.
        n_classes: Number of classes.
    """

    def __init__(self, channels: int, n_classes: int) -> None:
        super().__init__(channels, eps=BATCH_NORM_EPS, affine=False)
        self.gamma = nn.Embedding(n_classes, channels)
        self.beta = nn.Embedding(n_classes, channels)
        nn.init.ones_(self.gamma.weight)
        nn.init.zeros_(self.beta.weight)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Normalise ``(N, channels, H, W)`` for labels, ``(N,)``."""
        # (N,) to (N, channels) to (N, channels, 1, 1)
        gamma, beta = (part(labels)[:, :, None, None] for part in (self.gamma, self.beta))
        return super().forward(x) * gamma + beta


def batch_norm(channels: int, n_classes: int | None) -> nn.Module:
    """Return the batch norm of a generator's block: categorical if there are classes."""
    return BatchNorm(channels) if n_classes is None else CategoricalBatchNorm(channels, n_classes)


class GeneratorBlock(nn.Module):
    """BN, ReLU, nearest x2, conv 3x3, BN, ReLU, conv 3x3; shortcut: nearest x2, conv 1x1.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output and of the hidden feature map.
        n_classes: Number of classes; None for an unconditional block.
        upsampling: How sides are doubled; ``bilinear`` is not the paper's.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        n_classes: int | None = None,
        upsampling: Upsampling = "nearest",
    ) -> None:
        super().__init__()
        doubling = DOUBLING[upsampling]
        # The hidden feature map is as wide as the output; in D as wide as the input.
        self.norm1 = batch_norm(inputs, n_classes)
        self.conv1 = convolution(inputs, outputs, gain=RESIDUAL_GAIN, kind=doubling)
        self.norm2 = batch_norm(outputs, n_classes)
        self.conv2 = convolution(outputs, outputs, gain=RESIDUAL_GAIN)
        self.shortcut = convolution(inputs, outputs, kernel_size=1, kind=doubling)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map ``(N, inputs, H, W)`` to ``(N, outputs, 2H, 2W)``."""
        # Nearest neighbour, not bilinear; the doubling is part of the convolution.
        hidden = self.conv1(functional.relu(self.norm1(x, labels), inplace=True))
        hidden = self.conv2(functional.relu(self.norm2(hidden, labels), inplace=True))
        return hidden + self.shortcut(x)


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
        # No batch norm of its own: D is what the compared methods tame, each through `wrap_layer`.
        self.conv1 = wrap_layer(convolution(inputs, inputs, gain=RESIDUAL_GAIN), "hidden")
        kind = HalvingConvolution if down else nn.Conv2d
        last = convolution(inputs, outputs, gain=RESIDUAL_GAIN, kind=kind)
        self.conv2 = wrap_layer(last, "hidden")
        self.shortcut: nn.Module = nn.Identity()
        if down or inputs != outputs:
            shortcut = convolution(inputs, outputs, kernel_size=1, kind=kind)
            self.shortcut = wrap_layer(shortcut, "shortcut")

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map ``(N, inputs, H, W)`` to ``(N, outputs, H, W)``, or half the sides if ``down``."""
        # Pre-activation: the block's sum goes to the next block as it is.
        hidden = self.conv1(functional.relu(x))
        return self.conv2(functional.relu(hidden, inplace=True)) + self.shortcut(x)

    def lipschitz_bound(self, norm: NormOf) -> float:
        """See `sngan.architecture.base.Discriminator.lipschitz_bound`."""
        shortcut = 1.0 if isinstance(self.shortcut, nn.Identity) else norm(self.shortcut)
        # Of a chain of maps a product, of a sum of maps a sum; a ReLU has 1.
        bound = norm(self.conv1) * norm(self.conv2) + shortcut
        return bound * HALVING_NORM if self.down else bound


class FirstDiscriminatorBlock(nn.Module):
    """The block that reads the picture: no leading ReLU, and the shortcut pools before its conv.

    Args:
        outputs: Channels of the output and of the hidden feature map.
        image_channels: Channels of the picture.
        wrap_layer: Receives each layer; the regularizer's hook.
    """

    def __init__(self, outputs: int, image_channels: int = 3, *, wrap_layer: WrapLayer) -> None:
        super().__init__()
        self.conv1 = wrap_layer(convolution(image_channels, outputs, gain=RESIDUAL_GAIN), "first")
        last = convolution(outputs, outputs, gain=RESIDUAL_GAIN, kind=HalvingConvolution)
        self.conv2 = wrap_layer(last, "hidden")
        self.shortcut = wrap_layer(convolution(image_channels, outputs, kernel_size=1), "shortcut")

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map ``(N, image_channels, H, W)`` to ``(N, outputs, H/2, W/2)``."""
        # A leading ReLU would throw away the dark half of every picture. Pooling three channels
        # before the shortcut's convolution is cheaper than many after it.
        hidden = self.conv2(functional.relu(self.conv1(images), inplace=True))
        return hidden + self.shortcut(halve(images))

    def lipschitz_bound(self, norm: NormOf) -> float:
        """See `sngan.architecture.base.Discriminator.lipschitz_bound`."""
        return (norm(self.conv1) * norm(self.conv2) + norm(self.shortcut)) * HALVING_NORM


def convolution(
    inputs: int,
    outputs: int,
    *,
    kernel_size: int = 3,
    gain: float = 1.0,
    kind: type[nn.Conv2d] = nn.Conv2d,
) -> nn.Conv2d:
    """Return a convolution with Glorot-uniform weights and zero biases.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel_size: Odd.
        gain: Factor on the initial weights.
        kind: A size-keeping convolution, or one of `sngan.architecture.parts.resampling`.
    """
    return glorot(kind(inputs, outputs, kernel_size, padding=kernel_size // 2), gain)


def glorot(layer: Layer, gain: float = 1.0) -> Layer:
    """Draw a layer's weights Glorot-uniformly, set any bias to zero and return the layer."""
    nn.init.xavier_uniform_(layer.weight, gain)
    if not isinstance(layer, nn.Embedding) and layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
