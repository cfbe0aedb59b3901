"""ONNX files of anybody as generators."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sngan.architecture.base import Generator, Noise
from sngan.sampling.latents import described
from sngan.sampling.samples import generate
from sngan.sharing.made_pictures import require_pictures
from sngan.sharing.onnx_file import N_CLASSES, NOISE, open_session
from sngan.system.declared import Classes, check
from sngan.system.require import SettingError

INTEGERS = {"tensor(int64)": torch.int64, "tensor(int32)": torch.int32}


class OnnxGenerator(Generator):
    """A network in an ONNX file.

    Args:
        path: The file. Its first input is the noise, ``(N, L)`` or ``(N, L, 1, 1)``; a second one,
            of integers, the classes.
        noise: Distribution of the noise; None for what the file says, as those of ours do.
        n_classes: Number of classes, where there are any; None for what the file says.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is none of such a network, or does not say what it is asked for.
        ModuleNotFoundError: If a package that this needs is missing.
    """

    def __init__(
        self, path: Path, noise: Noise | None = None, n_classes: int | None = None
    ) -> None:
        super().__init__()
        self.path = path
        self._session = open_session(path)
        says = self._session.get_modelmeta().custom_metadata_map
        latents, *others = self._session.get_inputs()
        self._latents = latents.name
        self.latent_size = _latent_size(path, latents.shape, latents.type)
        self._shape = (self.latent_size, *latents.shape[2:])
        self.noise = _noise(path, noise or says.get(NOISE))
        if len(others) > 1 or (others and others[0].type not in INTEGERS):
            raise ValueError(f"{path} must take noise and perhaps classes, it takes something else")
        if others:
            self._labels, self._integers = others[0].name, INTEGERS[others[0].type]
            self.n_classes = _n_classes(path, n_classes or says.get(N_CLASSES))
        elif n_classes is not None:
            raise SettingError("n_classes", f"must be null: {path} has no input for classes")
        # Two, as a file for one picture alone is of no use here.
        images = generate(self, torch.arange(2), 0, torch.device("cpu"))
        self.image_channels, self.image_size = images.shape[1], images.shape[-1]

    @property
    def title(self) -> str:
        """What scores of it are headed with."""
        return f"{self.path}, {described(self)}"

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """See `Generator.forward`."""
        inputs = {self._latents: z.unflatten(1, self._shape).cpu().numpy()}
        if self.n_classes is not None and labels is not None:
            inputs[self._labels] = labels.to("cpu", self._integers).numpy()
        try:
            images = torch.from_numpy(self._session.run(None, inputs)[0])
        except Exception as error:  # The library's errors have no class of their own.
            reason = str(error).partition("\n")[0]
            raise ValueError(f"{self.path} cannot be run: {reason}") from error
        return require_pictures(images, len(z), str(self.path)).to(z.device)


def _latent_size(path: Path, shape: list[Any], kind: str) -> int:
    is_flat = len(shape) == 2 or (len(shape) == 4 and shape[2:] == [1, 1])
    size = shape[1] if is_flat and kind == "tensor(float)" else None
    if not isinstance(size, int) or size < 1:
        raise ValueError(
            f"{path} must take float32 noise of shape (N, L) or (N, L, 1, 1), it takes {kind} "
            f"{shape}"
        )
    return size


def _noise(path: Path, noise: str | None) -> Noise:
    if noise is None:
        raise SettingError("noise", f"must be normal or uniform: {path} does not say which")
    found: Noise = check("noise", Noise, noise)
    return found


def _n_classes(path: Path, count: int | str | None) -> int:
    if count is None:
        raise SettingError("n_classes", f"must be given: {path} takes classes, but not how many")
    number: int = check("n_classes", Classes, int(count) if str(count).isdecimal() else count)
    return number
