"""DINOv2 ViT-L/14, whose Frechet distance Stein et al. (2023) found closest to people's judgement.

Resizing and scaling as in NVIDIA's EDM2 (``DINOv2Detector``, mode ``torch``); the position
embedding is brought to the size of the picture as the network's authors do it.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sngan.extractor.base import Features, require_uint8
from sngan.system.declared import Pixels, Text, checked
from sngan.system.install import how_to_install
from sngan.system.require import MissingPathError, SettingError
from sngan.system.safe_load import sha256_of

WEIGHTS_FILE = "model.safetensors"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # Of ImageNet.
OFFSET = 0.1  # The authors' ``interpolate_offset``: it moves every interpolated position a little.


class DinoV2(nn.Module):
    """The class token after the last layer norm; no logits, so no Inception score.

    Args:
        weights: A folder as ``save_pretrained`` writes it, or the name of one on the Hugging Face
            Hub that lies in its cache; nothing is downloaded.
        input_size: Side in pixels to which pictures are resized, a multiple of the patch size, 14.

    Raises:
        FileNotFoundError: If there are no weights; says how to fetch them.
        ModuleNotFoundError: If the optional package is missing.
        ValueError: If a setting is not accepted, or the weights are of another network.
    """

    is_fid_inception = False

    @checked
    def __init__(self, weights: Text = "facebook/dinov2-large", input_size: Pixels = 224) -> None:
        super().__init__()
        try:
            folder = _folder(weights)
            self.network = _load(folder)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"extractor=dinov2 needs another package: {how_to_install('dinov2')}"
            ) from error
        patch = self.network.config.patch_size
        if input_size % patch:
            raise SettingError("input_size", f"must be a multiple of {patch}, got {input_size}")
        embeddings = self.network.embeddings
        embeddings.position_embeddings = nn.Parameter(
            interpolated(embeddings.position_embeddings, input_size // patch)
        )
        self.network.eval().requires_grad_(False)
        self.mean = nn.Buffer(torch.tensor(MEAN).view(3, 1, 1))
        self.std = nn.Buffer(torch.tensor(STD).view(3, 1, 1))
        self.input_size = input_size
        self.name = f"dinov2_{self.network.config.hidden_size}"
        self.provenance: dict[str, str | int] = {
            "weights": weights,
            "sha256": sha256_of(folder / WEIGHTS_FILE),
            "resize": "bicubic, antialiased",
            "input_size": input_size,
        }

    @torch.inference_mode()
    def forward(self, images: Tensor) -> Features:
        """See `sngan.extractor.base.Extractor.__call__`."""
        require_uint8(images)
        side = (self.input_size, self.input_size)
        resized = functional.interpolate(images.float(), side, mode="bicubic", antialias=True)
        scaled = (resized / 255 - self.mean) / self.std
        return Features(self.network(pixel_values=scaled).pooler_output, None)


def interpolated(position: Tensor, side: int) -> Tensor:
    """Bring a position embedding to another number of patches, as the authors' code does.

    Reference: facebookresearch/dinov2, ``vision_transformer.py``, ``interpolate_pos_encoding``.
    The library's own way leaves out the offset, which changes every feature slightly.

    Args:
        position: ``(1, 1 + n * n, d)``; the first is the class token's.
        side: Patches along a side.

    Returns:
        ``(1, 1 + side * side, d)``.
    """
    token, patches = position[:, :1], position[:, 1:]
    source = round(patches.shape[1] ** 0.5)
    if source == side:
        return position
    grid = patches.reshape(1, source, source, -1).permute(0, 3, 1, 2).float()
    factor = (side + OFFSET) / source
    grid = functional.interpolate(grid, scale_factor=(factor, factor), mode="bicubic")
    return torch.cat([token, grid.flatten(2).transpose(1, 2)], dim=1)


def _folder(weights: str) -> Path:
    """Return the folder of a network's files."""
    from huggingface_hub import snapshot_download

    try:
        is_here = Path(weights).is_dir()
        folder = Path(weights if is_here else snapshot_download(weights, local_files_only=True))
    except (OSError, ValueError) as error:
        raise MissingPathError(
            "weights",
            f"must be a folder or a network in the Hub's cache, got {weights}\n"
            f"fetch it (1.2 GB): hf download {weights}",
        ) from error
    if not (folder / WEIGHTS_FILE).is_file():
        raise MissingPathError("weights", f"must be a folder with {WEIGHTS_FILE}, got {weights}")
    return folder


def _load(folder: Path) -> Any:  # noqa: ANN401 - the type is of an optional package.
    from transformers import Dinov2Model

    try:
        return Dinov2Model.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError(f"{folder} does not hold a DINOv2 network: {error}") from error
