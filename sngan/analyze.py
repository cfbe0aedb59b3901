"""What ``sngan-analyze`` does: the singular values of trained discriminators (Figure 3)."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sngan import checkpoint
from sngan.atomic import written_whole
from sngan.console import errors_as_messages

if TYPE_CHECKING:
    from sngan.spectrum import Spectrum

COLUMNS = 7  # The paper's figure has a panel for each of the seven convolutions.


@dataclass(frozen=True)
class Analysis:
    """The layers of one trained discriminator.

    Attributes:
        path: The checkpoint.
        step: Completed iterations.
        spectra: One entry per layer.
        lipschitz_bounds: See `sngan.spectrum.lipschitz_bounds`.
    """

    path: Path
    step: int
    spectra: "list[Spectrum]"
    lipschitz_bounds: dict[str, float]

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
        bounds = self.lipschitz_bounds
        if bounds:
            lines.append(
                f"  Lipschitz bound {bounds['matrices']:.4g} with convolutions as matrices, "
                f"{bounds['operators']:.4g} as operators"
            )
        else:
            lines.append("  no Lipschitz bound: batch and layer norm have none")
        return "\n".join(lines)

    def write(self) -> Path:
        """Write everything as JSON next to the checkpoint and return the file."""
        target = self.path.with_name(f"{self.path.stem}.spectra.json")
        sheet: Mapping[str, Any] = {
            "checkpoint": self.path.name,
            "step": self.step,
            "layers": [spectrum.to_json() for spectrum in self.spectra],
            "lipschitz_bounds": self.lipschitz_bounds,
        }
        with written_whole(target) as temporary:
            temporary.write_text(json.dumps(sheet, indent=1) + "\n")
        return target


def main() -> None:
    """Run ``sngan-analyze``."""
    parser = argparse.ArgumentParser(
        prog="sngan-analyze",
        description="Singular values of every layer of trained discriminators, and the Lipschitz "
        "bounds that follow: a table, and JSON and PNG next to each checkpoint.",
        epilog="example: sngan-analyze runs/a runs/b --figure spectra.png",
    )
    parser.add_argument(
        "checkpoints",
        nargs="+",
        type=Path,
        metavar="CHECKPOINT",
        help="a checkpoint, or a run folder, whose newest one is meant",
    )
    parser.add_argument("--figure", type=Path, help="draw all of them into this PNG, too")
    options = parser.parse_args()
    if options.figure is not None and options.figure.suffix.lower() != ".png":
        parser.error(f"--figure must name a .png file, got {options.figure}")
    from sngan.cli import MENDABLE

    with errors_as_messages(*MENDABLE):
        analyses = [analyze(path) for path in options.checkpoints]
        for analysis in analyses:
            print(analysis.summary())
            picture = analysis.path.with_name(f"{analysis.path.stem}.spectra.png")
            draw({str(analysis.path): analysis}, picture)
            print(f"  written to {analysis.write()} and {picture.name}")
        if options.figure is not None:
            draw(_labelled(analyses), options.figure)
            print(f"all of them: {options.figure}")


def analyze(path: Path) -> Analysis:
    """Analyze the discriminator of a checkpoint, or of the newest one of a run folder.

    Raises:
        ValueError: If it is not a checkpoint of sngan.
        FileNotFoundError: If there is none.
    """
    path = checkpoint.latest(path)
    from sngan import build
    from sngan.spectrum import lipschitz_bounds, spectra

    state = checkpoint.load(path)
    config = build.trusted_parts(state, "architecture", "regularizer")
    discriminator = build.build_discriminator(config, state)
    found = spectra(discriminator)
    return Analysis(path, state["step"], found, lipschitz_bounds(discriminator, found))


def draw(analyses: "Mapping[str, Analysis]", path: Path) -> None:
    """Draw squared singular values over the largest, a panel per layer with more than one.

    Args:
        analyses: By label; layers are taken in order, so networks should be of one kind.
        path: The PNG.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    curves = {label: _curves(analysis.spectra) for label, analysis in analyses.items()}
    panels = max(map(len, curves.values()))
    rows = -(-panels // COLUMNS)
    columns = min(panels, COLUMNS)
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(2.4 * columns, 2.4 * rows + 0.4), squeeze=False, sharey=True
    )
    for label, layers in curves.items():
        for axis, (name, values) in zip(axes.flat, layers, strict=False):
            axis.plot(values, label=label)
            axis.set_title(name, fontsize=8)
    for axis in axes.flat[panels:]:
        axis.set_visible(False)
    axes[0, 0].set_ylabel("squared, over the largest")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=5, fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0.12 / rows, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _curves(spectra: "list[Spectrum]") -> list[tuple[str, list[float]]]:
    return [(layer.name, layer.shares) for layer in spectra if len(layer.in_use) > 1]


def _labelled(analyses: "Sequence[Analysis]") -> "dict[str, Analysis]":
    """Name each after its run's folder, or after its path where that would not tell them apart."""
    names = [analysis.path.absolute().parent.parent.name for analysis in analyses]
    if len(set(names)) < len(names):
        names = [str(analysis.path) for analysis in analyses]
    return dict(zip(names, analyses, strict=True))
