"""The FID Inception: the TensorFlow network of 2015-12-05 that FID and Inception score mean.

Architecture through pytorch-fid's patched blocks, weights from its converted file. Pictures are
resized and scaled as the TensorFlow graph does it (preset ``tf1``), logits have no bias: the
definitions of the original FID and Inception score programs.
"""

import os
from pathlib import Path

import torch
from pytorch_fid import inception as pytorch_fid
from torch import Tensor, nn
from torchvision.models import Inception3, inception_v3

from sngan.extractor.base import Features, require_uint8
from sngan.safe_load import load_tensors, sha256_of

URL = pytorch_fid.FID_WEIGHTS_URL
NUM_BYTES = 95_628_359
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
FILE_NAMES = (
    "pt_inception-2015-12-05-6726825d.pth",  # As pytorch-fid names it.
    "weights-inception-2015-12-05-6726825d.pth",  # As torch-fidelity names the same bytes.
)
ENVIRONMENT_VARIABLE = "SNGAN_INCEPTION"
INPUT_SIZE = 299


class Inception(nn.Module):
    """2048 pooled features and 1008 logits without bias.

    Args:
        weights: The weights file. If None, the file the environment variable ``SNGAN_INCEPTION``
            names, else PyTorch hub's cache folder is searched.
        sha256: Checksum the file must have. With any but the default, scores carry its first
            eight digits in their name and are not called FID or Inception score.

    Raises:
        FileNotFoundError: If there is no file; says what to fetch and where to put it.
        ValueError: If the file has another checksum.
    """

    def __init__(self, weights: str | None = None, sha256: str = SHA256) -> None:
        super().__init__()
        path = find_weights(weights)
        actual = sha256_of(path)
        if actual != sha256:
            raise ValueError(f"{path} is not the FID Inception: SHA-256 {actual}, not {sha256}")
        self.is_fid_inception = sha256 == SHA256
        self.name = "inception" if self.is_fid_inception else f"inception-{sha256[:8]}"
        self.network = inception_network()
        self.network.load_state_dict(load_tensors(path, "a weights file"))
        self.logit_weight = nn.Buffer(self.network.get_parameter("fc.weight").detach().clone())
        self.network.fc = nn.Identity()
        self.network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.provenance: dict[str, str | int] = {
            "weights": path.name,
            "sha256": actual,
            "preset": "tf1",
        }

    @torch.inference_mode()
    def forward(self, images: Tensor) -> Features:
        """See `sngan.extractor.base.Extractor.__call__`."""
        require_uint8(images)
        scaled = (resize_tf1(images.float(), INPUT_SIZE) - 128) / 128
        pool = self.network(scaled.contiguous(memory_format=torch.channels_last))
        return Features(pool, pool @ self.logit_weight.T)


def find_weights(weights: str | None) -> Path:
    """Return the path of the weights file.

    Raises:
        FileNotFoundError: If no candidate exists.
    """
    named = weights or os.environ.get(ENVIRONMENT_VARIABLE)
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    candidates = [Path(named).expanduser()] if named else [cache / name for name in FILE_NAMES]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(
        f"the FID Inception weights are not at {' or '.join(map(str, candidates))}\n"
        f"fetch {URL} ({NUM_BYTES:,} bytes, SHA-256 {SHA256})\n"
        f"and put it there, or name it by extractor.weights=FILE or {ENVIRONMENT_VARIABLE}=FILE; "
        "without network, extractor=efficientnet_lite0 gives scores under its own name"
    )


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
