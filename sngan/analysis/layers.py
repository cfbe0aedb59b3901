"""The layers of one trained discriminator: a table to print, JSON to keep."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from sngan.analysis.frozen import frozen
from sngan.analysis.lipschitz import lower_bounds, upper_bounds
from sngan.analysis.operator_norm import operator_norms
from sngan.analysis.spectrum import Spectrum, spectra
from sngan.architecture.base import Discriminator
from sngan.system.files import write_json


@dataclass(frozen=True)
class Analysis:
    """The layers of one trained discriminator.

    Attributes:
        path: The checkpoint.
        step: Completed iterations.
        spectra: One entry per layer.
        operator_norms: Of the layers as the linear maps they are, by name.
        lipschitz_bounds: See `sngan.analysis.lipschitz.upper_bounds`.
        lower_bounds: See `sngan.analysis.lipschitz.lower_bounds`; empty without pictures.
    """

    path: Path
    step: int
    spectra: list[Spectrum]
    operator_norms: dict[str, float]
    lipschitz_bounds: dict[str, float]
    lower_bounds: dict[str, float]

    @classmethod
    def of(
        cls,
        path: Path,
        step: int,
        discriminator: Discriminator,
        pictures: tuple[Tensor, Tensor | None, Tensor | None] | None = None,
    ) -> "Analysis":
        """Analyze a discriminator.

        Args:
            path: The checkpoint it is from.
            step: Completed iterations.
            discriminator: Its power iterations may move by one round.
            pictures: Real ones, their classes and fakes, to look for the steepest place; see
                `sngan.analysis.lipschitz.lower_bounds`.
        """
        found = spectra(discriminator)
        fixed = frozen(discriminator)
        norms = operator_norms(fixed)
        matrices = {spectrum.name: spectrum.in_use[0] for spectrum in found}
        below = {} if pictures is None else lower_bounds(fixed, *pictures)
        return cls(path, step, found, norms, upper_bounds(fixed, matrices, norms), below)

    def summary(self) -> str:
        """Return the lines to print."""
        width = max(len(spectrum.name) for spectrum in self.spectra)
        head = f"{'matrix':>11}  {'sigma raw':>10}  {'in use':>8}  {'operator':>8}  stable rank"
        lines = [f"{self.path}, step {self.step}", f"  {'layer':{width}}  {head}"]
        for layer in self.spectra:
            matrix = "{} x {}".format(*layer.shape)
            lines.append(
                f"  {layer.name:{width}}  {matrix:>11}  {layer.raw[0]:10.4f}  "
                f"{layer.in_use[0]:8.4f}  "
                f"{self.operator_norms[layer.name]:8.4f}  {layer.stable_rank:11.1f}"
            )
        lines.append(f"  {_about_bounds(self.lipschitz_bounds)}")
        if self.lower_bounds:
            lines.append(f"  {_about_search(self.lower_bounds)}")
        return "\n".join(lines)

    def write(self) -> Path:
        """Write everything as JSON next to the checkpoint and return the file."""
        target = self.path.with_name(f"{self.path.stem}.spectra.json")
        sheet: Mapping[str, Any] = {
            "checkpoint": self.path.name,
            "step": self.step,
            "layers": [
                spectrum.to_json() | {"operator_norm": self.operator_norms[spectrum.name]}
                for spectrum in self.spectra
            ],
            "lipschitz_bounds": {
                kind: bound for kind, bound in self.lipschitz_bounds.items() if math.isfinite(bound)
            },
            "lipschitz_lower_bounds": self.lower_bounds,
        }
        return write_json(target, sheet)


def _about_bounds(bounds: Mapping[str, float]) -> str:
    if not bounds:
        return "no bound on the Lipschitz constant: batch and layer norm have none"
    if not all(map(math.isfinite, bounds.values())):
        return "no bound on the Lipschitz constant is known for this network"
    return (
        f"Lipschitz constant at most {bounds['operators']:.4g}; {bounds['matrices']:.4g} if "
        "convolutions had the norms of their matrices"
    )


def _about_search(bounds: Mapping[str, float]) -> str:
    found = max(bounds.values())
    fakes = f", to fakes ({bounds['fakes']:.4g})" if "fakes" in bounds else ""
    return (
        f"Lipschitz constant at least {found:.4g}: found by ascent from pairs of real pictures "
        f"({bounds['pairs']:.4g}) and from between them ({bounds['between']:.4g}){fakes}; as they "
        f"are, {bounds['real']:.4g}"
    )
