"""Singular values, drawn as the paper's Figure 3 does."""

from collections.abc import Mapping
from pathlib import Path

from sngan.analysis.layers import Analysis
from sngan.analysis.spectrum import Spectrum

COLUMNS = 7  # The paper's figure has a panel for each of the seven convolutions.


def draw(analyses: Mapping[str, Analysis], path: Path) -> None:
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


def _curves(spectra: list[Spectrum]) -> list[tuple[str, list[float]]]:
    return [(layer.name, layer.shares) for layer in spectra if len(layer.in_use) > 1]
