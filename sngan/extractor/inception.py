"""The FID Inception: the TensorFlow network of 2015-12-05 that FID and Inception score mean.

Architecture through pytorch-fid's patched blocks, weights from its converted file. Logits have no
bias: the definition of the original Inception score program.
"""

from collections.abc import Callable
from functools import cache

import torch
from pytorch_fid import inception as pytorch_fid
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import Inception3, inception_v3
from torchvision.models.inception import BasicConv2d

from sngan.extractor.base import Features, require_uint8
from sngan.extractor.parts.inception_weights import RANDOM, SHA256, load_weights
from sngan.extractor.parts.presets import Preset
from sngan.system.declared import Text, checked

INPUT_SIZE = 299


class Inception(nn.Module):
    """2048 pooled features and 1008 logits without bias.

    Args:
        weights: The weights file, or ``random:SEED`` for a network that only tests a pipeline;
            None to search, see `sngan.extractor.parts.inception_weights.find_weights`.
        preset: How pictures are resized and scaled: ``tf1`` as the TensorFlow graph does it, with
            which FID and Inception score were defined; ``pytorch-fid`` as that program does.
        sha256: Checksum the file must have. With any but the default, scores carry its first
            eight digits in their name and are not called FID or Inception score.

    Raises:
        FileNotFoundError: If there is no file; says what to fetch and where to put it.
        ValueError: If the file has another checksum, or a setting is not accepted.
    """

    @checked
    def __init__(
        self, weights: Text | None = None, preset: Preset = "tf1", sha256: Text = SHA256
    ) -> None:
        super().__init__()
        self.network = inception_network()
        name, checksum = load_weights(self.network, weights, sha256)
        self.is_fid_inception = checksum == SHA256
        suffix = "random" if name.startswith(RANDOM) else checksum[:8]
        self.name = "inception" if self.is_fid_inception else f"inception-{suffix}"
        self.logit_weight = nn.Buffer(self.network.get_parameter("fc.weight").detach().clone())
        self.network.fc = self.network.dropout = nn.Identity()
        self.network.eval().requires_grad_(False)
        _fold_batch_norm(self.network)
        self.network.to(memory_format=torch.channels_last)
        self.prepare = PREPARATIONS[preset]
        self.provenance: dict[str, str | int] = {
            "weights": name,
            "sha256": checksum,
            "preset": preset,
        }

    @torch.inference_mode()
    def forward(self, images: Tensor) -> Features:
        """See `sngan.extractor.base.Extractor.__call__`."""
        require_uint8(images)
        scaled = self.prepare(images.float())
        pool = self.network(scaled.contiguous(memory_format=torch.channels_last))
        return Features(pool, pool @ self.logit_weight.T)


def inception_network() -> Inception3:
    """Return torchvision's Inception v3 with the blocks that pytorch-fid patched, untrained."""
    network = inception_v3(weights=None, num_classes=1008, aux_logits=False, init_weights=False)
    blocks = {
        "Mixed_5b": pytorch_fid.FIDInceptionA(192, pool_features=32),
        "Mixed_5c": pytorch_fid.FIDInceptionA(256, pool_features=64),
        "Mixed_5d": pytorch_fid.FIDInceptionA(288, pool_features=64),
        "Mixed_6b": pytorch_fid.FIDInceptionC(768, channels_7x7=128),
        "Mixed_6c": pytorch_fid.FIDInceptionC(768, channels_7x7=160),
        "Mixed_6d": pytorch_fid.FIDInceptionC(768, channels_7x7=160),
        "Mixed_6e": pytorch_fid.FIDInceptionC(768, channels_7x7=192),
        "Mixed_7b": pytorch_fid.FIDInceptionE_1(1280),
        "Mixed_7c": pytorch_fid.FIDInceptionE_2(2048),
    }
    for name, block in blocks.items():
        setattr(network, name, block)
    return network


def prepare_tf1(images: Tensor) -> Tensor:
    """Resize and scale as the TensorFlow graph does: ``(x - 128) / 128``."""
    return (resize_tf1(images, INPUT_SIZE) - 128) / 128


def prepare_pytorch_fid(images: Tensor) -> Tensor:
    """Resize and scale as pytorch-fid does: half-pixel centres, ``2 x / 255 - 1``."""
    size = (INPUT_SIZE, INPUT_SIZE)
    resized = functional.interpolate(images / 255, size, mode="bilinear", align_corners=False)
    return 2 * resized - 1


PREPARATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tf1": prepare_tf1,
    "pytorch-fid": prepare_pytorch_fid,
}
"""How each `Preset` does it."""


def resize_tf1(images: Tensor, size: int) -> Tensor:
    """Resize as TensorFlow 1's bilinear op: positions counted from the corner, not the centre.

    Args:
        images: ``(N, C, H, W)`` floating point.
        size: Side of the result in pixels.

    Returns:
        ``(N, C, size, size)``.
    """
    height, width = (_interpolation(side, size).to(images) for side in images.shape[2:])
    return height @ images @ width.T


@cache
def _interpolation(source: int, target: int) -> Tensor:
    """Return the matrix ``(target, source)`` that interpolates along one axis."""
    position = torch.arange(target, dtype=torch.float32) * torch.tensor(source / target)
    low = position.floor().long().clamp(max=source - 1)
    fraction = position - low
    matrix = torch.zeros(target, source)
    row = torch.arange(target)
    matrix[row, low] = 1 - fraction
    matrix[row, (low + 1).clamp(max=source - 1)] += fraction
    return matrix


def _fold_batch_norm(network: nn.Module) -> None:
    """Let each convolution do the batch norm behind it: the same function in fewer passes."""
    for module in network.modules():
        if isinstance(module, BasicConv2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.bn)
            module.bn = nn.Identity()
