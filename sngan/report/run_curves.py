"""What runs have logged and scored, drawn over their updates."""

from collections.abc import Iterable, Mapping, Sequence

from sngan.report import figures
from sngan.report.document import Block, Figure
from sngan.report.run_result import Points, RunResult, Score

MOST_POINTS = 300
"""Of a curve; a longer one is drawn by means of neighbours."""
X = "generator updates"
IN_USE, RAW = "sigma/in_use/", "sigma/raw/"
LOSSES = ("loss/generator", "loss/discriminator", "penalty")
HELD_OUT = ("loss/discriminator/train", "loss/discriminator/test")
THINNED = f"Curves of more than {MOST_POINTS} entries show means of neighbours."


def losses(runs: Sequence[RunResult]) -> list[Block]:
    """Return the losses: of one run in one drawing, of several in a drawing each."""
    curves = {name: _of_all(runs, name) for name in LOSSES}
    curves = {name: found for name, found in curves.items() if _is_worth_it(found)}
    blocks = _drawings(runs, curves, "loss", "losses")
    held_out = [(run, name, run.points(name)) for run in runs for name in HELD_OUT]
    if found := {_held_out(run, name): points for run, name, points in held_out if points[0]}:
        dashed = [label for label in found if label.endswith("test")]
        order = [_held_out(run, HELD_OUT[0]) for run in runs]
        blocks.append("**On training and held-out pictures**, without penalty")
        blocks.append(_figure("held_out", found, "D's loss", dashed, order))
    return _with_remark(blocks, runs, [*LOSSES, *HELD_OUT])


def singular_values(runs: Sequence[RunResult]) -> list[Block]:
    """Return the largest singular values while training: of one run by layer, else of any layer."""
    of_layers = {kind: _layers(runs, kind) for kind in (IN_USE, RAW)}
    blocks: list[Block] = []
    said = {IN_USE: "of the weights in use", RAW: "of the raw weights"}
    for kind, found in of_layers.items():
        if not found or (kind == RAW and found == of_layers[IN_USE]):
            continue
        which = "" if len(runs) == 1 else ", the largest of all layers"
        blocks.append(f"**Largest singular value {said[kind]}**{which}")
        key = f"sigma_{kind.split('/')[1]}"
        blocks.append(_figure(key, found, "sigma", order=[run.label for run in runs]))
    return blocks


def speed(runs: Sequence[RunResult]) -> list[Block]:
    """Return iterations a second, of training alone."""
    found = _of_all(runs, "speed/steps_per_second")
    if not found:
        return []
    figure = _figure("speed", found, "updates a second", order=[run.label for run in runs])
    return _with_remark([figure], runs, ["speed/"])


def scores(
    name: str, found: Mapping[str, Sequence[Score]], key: str, order: Sequence[str]
) -> list[Block]:
    """Return a score over updates; nothing if no run has more than one.

    Args:
        name: Of the score.
        found: By run.
        key: Of the drawing.
        order: Names of all runs.
    """
    sheets = {label: _by_step(x for x in numbers if x.called) for label, numbers in found.items()}
    monitors = {
        label: _by_step(x for x in numbers if not x.called) for label, numbers in found.items()
    }
    blocks: list[Block] = []
    for curves, behind in ((sheets, ""), (monitors, "_monitor")):
        curves = {label: points for label, points in curves.items() if points[0]}
        if any(len(at) > 1 for at, _ in curves.values()):
            blocks.append("By sngan-eval:" if not behind else "While training:")
            blocks.append(_figure(f"{key}{behind}", curves, name, order=order))
    return blocks


def label_of(text: str) -> str:
    """Return a name as matplotlib shows it: a dollar is no formula, an underscore hides nothing."""
    text = text.replace("$", r"\$")
    return f"\u200b{text}" if text.startswith("_") else text


def thinned(points: Points) -> Points:
    """Return a curve of at most `MOST_POINTS` points."""
    size = -(-len(points[0]) // MOST_POINTS)
    if size <= 1:
        return points
    at, values = (
        [sum(part) / len(part) for part in (row[i : i + size] for i in range(0, len(row), size))]
        for row in points
    )
    return at, values


def _of_all(runs: Sequence[RunResult], name: str) -> dict[str, Points]:
    """Return what each run has logged under a name."""
    found = {run.label: run.points(name) for run in runs}
    return {label: points for label, points in found.items() if points[0]}


def _is_worth_it(found: Mapping[str, Points]) -> bool:
    """Tell whether there is anything but zeros, as a penalty is that nobody asked for."""
    return any(value for _, values in found.values() for value in values)


def _by_step(numbers: Iterable[Score]) -> Points:
    found = {float(score.step): score.value for score in numbers}
    return sorted(found), [found[step] for step in sorted(found)]


def _held_out(run: RunResult, name: str) -> str:
    return f"{run.label}, {name.rpartition('/')[2]}"


def _layers(runs: Sequence[RunResult], kind: str) -> dict[str, Points]:
    """Return curves by layer of the only run, or else by run the largest of its layers."""
    by_run = {
        run.label: {n.removeprefix(kind): run.points(n) for n in run.names if n.startswith(kind)}
        for run in runs
    }
    if len(runs) == 1:
        return next(iter(by_run.values()))
    return {label: _largest(layers.values()) for label, layers in by_run.items() if layers}


def _largest(curves: Iterable[Points]) -> Points:
    found: dict[float, float] = {}
    for at, values in curves:
        for step, value in zip(at, values, strict=True):
            found[step] = max(value, found.get(step, value))
    return [*found], [*found.values()]


def _drawings(
    runs: Sequence[RunResult], curves: Mapping[str, Mapping[str, Points]], y: str, key: str
) -> list[Block]:
    if len(runs) == 1 and curves:
        own = {name: found[runs[0].label] for name, found in curves.items()}
        return [_figure(key, own, y)]
    order = [run.label for run in runs]
    return [
        _figure(f"{key}_{name.replace('/', '_')}", found, name, order=order)
        for name, found in curves.items()
    ]


def _figure(
    key: str,
    curves: Mapping[str, Points],
    y: str,
    dashed: Sequence[str] = (),
    order: Sequence[str] = (),
) -> Figure:
    """Return a drawing in which a run has the colour that it has in all others."""
    drawn: dict[str, figures.Curve] = {}
    for label, points in curves.items():
        at, values = thinned(points)
        drawn[label_of(label)] = (at, values, [None] * len(at))
    colours, broken = ([label_of(label) for label in labels] for labels in (order, dashed))
    svg = figures.lines(drawn, X, label_of(y), dashed=broken, order=colours)
    return Figure(key, svg, f"{y} over {X}. Curves: {', '.join(curves)}.")


def _with_remark(
    blocks: list[Block], runs: Sequence[RunResult], names: Sequence[str]
) -> list[Block]:
    """Return drawings, and below them what was done to long curves."""
    counts = (len(run.points(n)[0]) for run in runs for n in run.names if n.startswith((*names,)))
    return [*blocks, THINNED] if max(counts, default=0) > MOST_POINTS else blocks
