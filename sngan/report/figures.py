"""Drawings of a report, as SVG whose ink follows the page's colours."""

import io
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import mean
from typing import Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, PAPER = "#1a1b1c", "#fdfcfb"
"""Told apart from every other colour, so that a page can replace them by its own."""
COLORS = (
    "#3b7dd8", "#d95f02", "#2a9d6f", "#c43c86", "#8660c7", "#b58900", "#6b7d8a",
    "#c0392b", "#17a2b8",
)  # fmt: skip
"""Told apart on white and on black."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "sngan", "font.size": 9, "text.color": INK,
    "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.facecolor": PAPER, "figure.facecolor": PAPER, "savefig.facecolor": PAPER,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "legend.fontsize": 8,
}  # fmt: skip

Curve = tuple[Sequence[float], Sequence[float], Sequence[float | None]]
"""Positions, values, and standard deviations, None where there is only one training."""


WIDE, NARROW = 1.0, 0.5
"""Widths of a drawing, for a page and for a telephone."""


def at_widths(draw: Callable[..., str], *about: Any, **more: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return a drawing for a page and one for a telephone, whose letters are as large.

    Args:
        draw: Takes ``scale``, and all that follows.
        about: Of the drawing.
        more: Likewise.
    """
    wide, narrow = (draw(*about, scale=scale, **more) for scale in (WIDE, NARROW))
    return wide, narrow


def bars(
    values: Mapping[str, Sequence[Sequence[float] | None]],
    groups: Sequence[str],
    y: str,
    *,
    note: str = "",
    is_log: bool = False,
    scale: float = WIDE,
) -> str:
    """Draw grouped bars: means, with a dot for each of several trainings.

    Args:
        values: By method, one entry per group: a value per training, None if there is none.
        groups: Names on the horizontal axis.
        y: Name of the vertical axis.
        note: What must be said with it.
        is_log: Whether the axis is logarithmic.
        scale: Width, as a part of a page's.
    """
    width = 0.84 / len(values)
    with _drawing(8.5 * scale, 3.4) as ((axes,), result):
        for index, (label, entries) in enumerate(values.items()):
            at = [k + (index - (len(values) - 1) / 2) * width for k in range(len(groups))]
            heights = [mean(entry) if entry else math.nan for entry in entries]
            axes.bar(at, heights, width, label=label, color=COLORS[index % len(COLORS)])
            dots = [
                (x, value)
                for x, entry in zip(at, entries, strict=True)
                for value in entry or ()
                if len(entry or ()) > 1
            ]
            axes.scatter([x for x, _ in dots], [y for _, y in dots], 5, INK, zorder=3)
        axes.set_xticks(range(len(groups)), groups)
        axes.set_xlim(-0.6, len(groups) - 0.4)
        axes.set_ylabel(y)
        _say(axes, note)
        if is_log:
            axes.set_yscale("log")
        _legend(axes)
    return result()


def lines(
    curves: Mapping[str, Curve],
    x: str,
    y: str,
    *,
    note: str = "",
    dashed: Sequence[str] = (),
    order: Sequence[str] = (),
    scale: float = WIDE,
) -> str:
    """Draw curves, with a band of one standard deviation where there is one.

    Args:
        curves: By label.
        x: Name of the horizontal axis.
        y: Name of the vertical axis.
        note: What must be said with it.
        dashed: Labels of those that belong to the curve before them.
        order: Labels whose places decide colours; those of the curves otherwise.
        scale: Width, as a part of a page's.
    """
    index = -1
    with _drawing(7.5 * scale, 3.6) as ((axes,), result):
        for label, (at, values, errors) in curves.items():
            index = order.index(label) if label in order else index + (label not in dashed)
            color = COLORS[index % len(COLORS)]
            axes.plot(
                at, values, "o" if len(at) < 30 else "", color=color, label=label,
                linestyle="--" if label in dashed else "-", markersize=4, linewidth=1.4,
            )  # fmt: skip
            if all(error is not None for error in errors) and len(at):
                middle, spread = numpy.array(values), numpy.array(errors, dtype=float)
                axes.fill_between(at, middle - spread, middle + spread, color=color, alpha=0.2)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        _say(axes, note)
        _legend(axes)
    return result()


def spectra(
    layers: Mapping[str, Sequence[Sequence[float]]],
    names: Sequence[str],
    order: Sequence[str] = (),
) -> str:
    """Draw squared singular values over the largest, a panel per layer.

    Args:
        layers: By method, singular values of each layer, largest first.
        names: Of the layers.
        order: Labels whose places decide colours; those of the methods otherwise.
    """
    with _drawing(9.5, 2.6, panels=len(names)) as (panels, result):
        for label, all_values in layers.items():
            index = [*(order or layers)].index(label)
            for axes, values, name in zip(panels, all_values, names, strict=False):
                shares = [(value / values[0]) ** 2 if values[0] else 0.0 for value in values]
                axes.plot(shares, color=COLORS[index % len(COLORS)], label=label, linewidth=1.4)
                axes.set_title(name, fontsize=8)
                axes.set_ylim(0, 1.02)
        panels[0].set_ylabel("squared, over the largest")
        _legend(panels[0])
    return result()


def admitted_spectra() -> str:
    """Draw Figure 14: random spectra that weight norm and spectral norm admit.

    Weight norm fixes the sum of squares, scaled to 1 here; spectral norm the largest one.
    """
    random = numpy.random.default_rng(0)
    titles = ("weight norm: sum 1", "spectral norm: largest 1")
    with _drawing(7.5, 3.0, panels=2) as (panels, result):
        for _ in range(5):
            squares = numpy.sort(random.random(50) ** random.uniform(0.3, 6))
            panels[0].plot(squares / squares.sum(), color=COLORS[0], linewidth=1.2)
            panels[1].plot(squares / squares.max(), color=COLORS[1], linewidth=1.2)
        for axes, title in zip(panels, titles, strict=True):
            axes.set_title(title, fontsize=9)
            axes.set_xlabel("index")
        panels[0].set_ylabel("squared singular value")
    return result()


@contextmanager
def _drawing(
    width: float, height: float, panels: int = 1
) -> Iterator[tuple[Sequence[Axes], Callable[[], str]]]:
    """Give a row of panels, and what returns them as SVG afterwards."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        buffer = io.StringIO()
        yield figure.subplots(1, panels, squeeze=False, sharey=panels > 2)[0], buffer.getvalue
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})


def _say(axes: Axes, note: str) -> None:
    """Write a note above a panel, in lines that fit it."""
    width = int(14 * _figure_of(axes).get_figwidth())
    axes.set_title("\n".join(textwrap.wrap(note, width)), fontsize=8)


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def _legend(axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure = _figure_of(axes)
    columns = min(len(labels), 5 if figure.get_figwidth() > 6 else 3)
    figure.legend(handles, labels, loc="outside lower center", ncols=columns)
