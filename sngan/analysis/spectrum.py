"""Singular values of a discriminator's layers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sngan.architecture.base import Discriminator, weighted_layers
from sngan.regularizer.parts.normalized_layer import NormalizedLayer


@dataclass(frozen=True)
class LayerWeight:
    """One layer's weight as a matrix, ``(d_out, d_in * h * w)``.

    Attributes:
        name: The layer's place in the network.
        raw: What the optimizer moves.
        in_use: What pictures meet; ``raw`` itself where nothing is normalised.
        estimate: What ``raw`` was divided by, if that is an estimate of sigma.
    """

    name: str
    raw: Tensor
    in_use: Tensor
    estimate: float | None


@dataclass(frozen=True)
class Spectrum:
    """All singular values of one layer, largest first.

    Attributes:
        name: The layer's place in the network.
        shape: Of the matrix.
        raw: Of the raw weight.
        in_use: Of the weight in use.
    """

    name: str
    shape: tuple[int, ...]
    raw: list[float]
    in_use: list[float]

    @property
    def stable_rank(self) -> float:
        """The sum of squares over the largest square: how many directions count; 0 of a zero."""
        return sum(self.shares)

    @property
    def shares(self) -> list[float]:
        """Squares of the values in use over the largest one, as the paper's Figure 3 draws them."""
        largest = self.in_use[0] or 1.0
        return [(value / largest) ** 2 for value in self.in_use]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "stable_rank": self.stable_rank,
            "raw": self.raw,
            "in_use": self.in_use,
        }


def spectra(discriminator: Discriminator) -> list[Spectrum]:
    """Return the singular values of every layer, exact up to float64.

    Args:
        discriminator: Its power iterations may move by one round.
    """
    return [
        Spectrum(
            name=layer.name,
            shape=tuple(layer.raw.shape),
            raw=singular_values(layer.raw).tolist(),
            in_use=singular_values(layer.in_use).tolist(),
        )
        for layer in layer_weights(discriminator)
    ]


@torch.no_grad()
def layer_weights(discriminator: Discriminator) -> Iterator[LayerWeight]:
    """Yield every layer's weight, raw and in use, in the order of construction.

    Args:
        discriminator: Its power iterations may move by one round.

    Raises:
        FloatingPointError: If a weight is not finite.
    """
    wrappers = {
        id(owner): module
        for module in discriminator.modules()
        if isinstance(module, NormalizedLayer)
        for owner in weighted_layers(module).values()
    }
    for name, owner in weighted_layers(discriminator).items():
        raw = owner.weight.flatten(1)
        wrapper = wrappers.get(id(owner))
        in_use = raw if wrapper is None else wrapper.normalized_weight().flatten(1)
        estimate = None
        if wrapper is not None and wrapper.estimates_sigma and wrapper.gamma is None:
            estimate = (torch.linalg.vector_norm(raw) / torch.linalg.vector_norm(in_use)).item()
        if not (raw.isfinite().all() and in_use.isfinite().all()):
            raise FloatingPointError(f"the weight of {name} is not finite")
        yield LayerWeight(name, raw, in_use, estimate)


def singular_values(matrix: Tensor) -> Tensor:
    """Return the singular values in float64 on the CPU, ``(min(m, n),)``, largest first."""
    return torch.linalg.svdvals(matrix.detach().double().cpu())


def largest_singular_value(matrix: Tensor) -> float:
    """Return the first of `singular_values` by way of the smaller Gram matrix: far cheaper."""
    short = matrix.detach().double()
    short = short if short.shape[0] <= short.shape[1] else short.T
    return math.sqrt(torch.linalg.svdvals(short @ short.T)[0].item())
