"""Names of the ways in which the FID Inception's pictures are resized; known without PyTorch."""

from typing import Literal

Preset = Literal["tf1", "pytorch-fid"]
"""As TensorFlow 1 did, with which FID was defined; as pytorch-fid does."""
