"""Generators of other programs as networks of ours: what their shapes say, and what they do not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sngan.assembly.networks import build_generator
from sngan.sharing.content import Content
from sngan.system.printable import printable

RESIDUAL = {
    32: "sngan.architecture.resnet_cifar.ResNetCifarGenerator",
    48: "sngan.architecture.resnet_stl.ResNetStlGenerator",
}
OTHER_RESIDUAL = "sngan.architecture.resnet_imagenet.ResNetImageNetGenerator"
"""They differ in their default sizes alone, and those are given."""
CNN = "sngan.architecture.cnn.CnnGenerator"
COUNTERS = "num_batches_tracked"


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """A generator of another program, in our terms.

    Attributes:
        node: Our class and its arguments.
        weights: Its entries under our names.
        step: Completed iterations; 0 if nobody says.
        path: Where it comes from.
    """

    node: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    step: int
    path: Path

    def content(self, **settings: object) -> Content:
        """Build the network.

        Args:
            settings: Arguments of our class that the file does not say.

        Raises:
            ValueError: If they are not accepted, or the entries are not those of the network.
        """
        # The seed of its training is not known; nobody continues it.
        config = {"architecture": {"generator": {**self.node, **settings}}, "seed": 0}
        try:
            generator = build_generator(config, {"iteration": {"generator": self._complete()}})
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from error
        return Content(
            generator=generator.eval(),
            config=config,
            step=self.step,
            source=printable(self.path.name),
        )

    def _complete(self) -> dict[str, Tensor]:
        """Return the weights with counters of batches, which some programs do not keep."""
        for name, tensor in self.weights.items():
            if not tensor.is_floating_point():
                raise ValueError(f"{self.path}: {name} must be floats, got {tensor.dtype}")
        found = {name: tensor.float() for name, tensor in self.weights.items()}
        for name in self.weights:
            if name.endswith("running_var"):
                found[name.replace("running_var", COUNTERS)] = torch.tensor(self.step)
        return found


def residual(weights: Mapping[str, Tensor], step: int, path: Path) -> Foreign:
    """Return a residual generator, whose shapes say everything.

    Args:
        weights: Its entries under our names.
        step: Completed iterations.
        path: Where it comes from.

    Raises:
        ValueError: If they are not those of one.
    """
    shape = _Shapes(weights, path)
    count = sum(name.endswith("conv1.weight") for name in weights)
    units, latent_size = shape("dense.weight", 2)
    channels = [shape("blocks.0.conv1.weight", 4)[1]]
    channels += [shape(f"blocks.{index}.conv1.weight", 4)[0] for index in range(count)]
    image_size = _bottom(units, channels[0], path) * 2**count
    classes = "blocks.0.norm1.gamma.weight"
    node = {
        "_target_": RESIDUAL.get(image_size, OTHER_RESIDUAL),
        "image_size": image_size,
        "latent_size": latent_size,
        "channels": channels,
        "image_channels": shape("to_rgb.weight", 4)[0],
        "n_classes": shape(classes, 2)[0] if classes in weights else None,
    }
    return Foreign(node=node, weights=weights, step=step, path=path)


def cnn(weights: Mapping[str, Tensor], step: int, path: Path) -> Foreign:
    """Return the standard CNN as chainer-gan-lib has it; see `residual`.

    Raises:
        ValueError: If it is none.
    """
    shape = _Shapes(weights, path)
    units, latent_size = shape("dense.weight", 2)
    channels = [shape("up.0.0.weight", 4)[0]]
    channels += [shape(f"up.{index}.0.weight", 4)[1] for index in range(3)]
    if "after_dense.0.weight" not in weights:
        raise ValueError(f"{path} is of a generator without batch norm, which is not known here")
    node = {
        "_target_": CNN,
        "image_size": _bottom(units, channels[0], path) * 8,
        "latent_size": latent_size,
        "channels": channels,
        "image_channels": shape("to_rgb.weight", 4)[1],
        "noise": "uniform",
        "dense_norm": True,
        "last_layer": "deconvolution",
    }
    return Foreign(node=node, weights=weights, step=step, path=path)


def _bottom(units: int, channels: int, path: Path) -> int:
    """Return the side of the feature map after the dense layer."""
    side = round((units / max(channels, 1)) ** 0.5)
    if not side or side * side * channels != units:
        raise ValueError(f"{path}: {units} units of the dense layer do not fit {channels} channels")
    return side


class _Shapes:
    """Shapes of entries that may be missing or of another kind."""

    def __init__(self, weights: Mapping[str, Tensor], path: Path) -> None:
        self._weights = weights
        self._path = path

    def __call__(self, name: str, dimensions: int) -> tuple[int, ...]:
        found = self._weights.get(name)
        if found is None or found.ndim != dimensions:
            said = "is missing" if found is None else f"has the shape {tuple(found.shape)}"
            raise ValueError(f"{self._path} is not of a known generator: its {name} {said}")
        return tuple(found.shape)
