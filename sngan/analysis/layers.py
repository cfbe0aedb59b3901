"""The layers of one trained discriminator: a table to print, JSON to keep."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sngan.analysis.lipschitz import lipschitz_bounds
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
        lipschitz_bounds: See `sngan.analysis.lipschitz.lipschitz_bounds`.
    """

    path: Path
    step: int
    spectra: list[Spectrum]
    lipschitz_bounds: dict[str, float]

    @classmethod
    def of(cls, path: Path, step: int, discriminator: Discriminator) -> "Analysis":
        """Analyze a discriminator.

        Args:
            path: The checkpoint it is from.
            step: Completed iterations.
            discriminator: Its power iterations may move by one round.
        """
        found = spectra(discriminator)
        return cls(path, step, found, lipschitz_bounds(discriminator, found))

    def summary(self) -> str:
        """Return the lines to print."""
        width = max(len(spectrum.name) for spectrum in self.spectra)
        lines = [
            f"{self.path}, step {self.step}",
            f"  {'layer':{width}}  {'matrix':>11}  {'sigma raw':>10}  {'in use':>8}  stable rank",
        ]
        for layer in self.spectra:
            matrix = "{} x {}".format(*layer.shape)
            lines.append(
                f"  {layer.name:{width}}  {matrix:>11}  {layer.raw[0]:10.4f}  "
                f"{layer.in_use[0]:8.4f}  {layer.stable_rank:11.1f}"
            )
        lines.append(f"  {_about_bounds(self.lipschitz_bounds)}")
        return "\n".join(lines)

    def write(self) -> Path:
        """Write everything as JSON next to the checkpoint and return the file."""
        target = self.path.with_name(f"{self.path.stem}.spectra.json")
        sheet: Mapping[str, Any] = {
            "checkpoint": self.path.name,
            "step": self.step,
            "layers": [spectrum.to_json() for spectrum in self.spectra],
            "lipschitz_bounds": {
                kind: bound for kind, bound in self.lipschitz_bounds.items() if math.isfinite(bound)
            },
        }
        return write_json(target, sheet)


def _about_bounds(bounds: Mapping[str, float]) -> str:
    if not bounds:
        return "no Lipschitz bound: batch and layer norm have none"
    if not all(map(math.isfinite, bounds.values())):
        return "no Lipschitz bound is known for this network"
    return (
        f"Lipschitz bound {bounds['matrices']:.4g} with convolutions as matrices, "
        f"{bounds['operators']:.4g} as operators"
    )
