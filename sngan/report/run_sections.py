"""Sections of the page about runs: how far they are, and what they have logged."""

from collections.abc import Mapping, Sequence

from tqdm import tqdm

from sngan.report import run_curves
from sngan.report.document import Entry, Figure, Line, Section, Table
from sngan.report.figures import spectra
from sngan.report.run_result import RunResult
from sngan.report.run_scores import name_of, number
from sngan.report.tables import NOTHING

TONES = {"finished": "good", "running": "", "stopped": "muted"}


def overview(runs: Sequence[RunResult]) -> Section:
    """Return how far each run is."""
    lines = [
        Line(
            [
                Entry(run.label),
                Entry(run.state, tone=TONES.get(run.state, "bad")),
                Entry(
                    f"{run.step:,}", "" if run.total_steps is None else f"of {run.total_steps:,}"
                ),
                Entry(tqdm.format_interval(run.seconds)),
                *(_newest(run, name) for name in ("loss/generator", "loss/discriminator")),
                _best_distance(run),
            ]
        )
        for run in runs
    ]
    columns = ["Run", "State", "Updates", "Time", "Loss of G", "Loss of D", "Smallest distance"]
    return Section("overview", "Overview", blocks=[Table(columns, lines)])


def losses(runs: Sequence[RunResult]) -> Section:
    """Return what the losses were."""
    blocks = run_curves.losses(runs) or ["Nothing is logged yet."]
    return Section("losses", "Losses", blocks=blocks)


def singular_values(runs: Sequence[RunResult]) -> Section:
    """Return singular values while training, and the spectra of the newest checkpoints."""
    blocks = run_curves.singular_values(runs)
    analyzed = {run.label: run.spectra for run in runs if run.spectra}
    if analyzed:
        names = [layer["name"] for layer in max(analyzed.values(), key=len) if _is_matrix(layer)]
        several = {
            run_curves.label_of(label): [x["in_use"] for x in layers if _is_matrix(x)]
            for label, layers in analyzed.items()
        }
        order = [run_curves.label_of(run.label) for run in runs]
        blocks.append("**Spectra of the newest checkpoint looked at**, by sngan-analyze")
        if names:
            says = f"Squared singular values over the largest. Layers: {', '.join(names)}."
            blocks.append(Figure("spectra", spectra(several, names, order), says))
        blocks.append(_stable_ranks(analyzed))
    advice = "Not measured: `sngan-analyze RUN_FOLDER`, or `'monitor=[singular_values]'`."
    return Section("singular_values", "Singular values", blocks=blocks or [advice])


def speed(runs: Sequence[RunResult]) -> Section:
    """Return how fast each run went."""
    lines = []
    for run in runs:
        pace, memory = run.pace, run.points("memory/peak_gib")[1]
        values = ["-", "-"] if pace is None else [
            f"{1000 * pace.seconds_per_step:,.1f}", f"{pace.share_besides:.0%}",
        ]  # fmt: skip
        entries = [run.label, *values, f"{max(memory):.2f}" if memory else "-"]
        lines.append(Line([Entry(text) for text in entries]))
    columns = ["Run", "ms per update", "Monitors, grids, checkpoints", "Peak memory, GiB"]
    text = (
        "Milliseconds are the median over entries, of training alone. Beside them is the share of "
        "the time that all else took; runs of older versions have it in their speed."
    )
    blocks = [*run_curves.speed(runs), Table(columns, lines), text]
    return Section("speed", "Speed", blocks=blocks)


def _newest(run: RunResult, name: str) -> Entry:
    values = run.points(name)[1]
    return Entry(f"{values[-1]:.3f}") if values else NOTHING


def _best_distance(run: RunResult) -> Entry:
    found = [score for score in run.scores if score.kind == "distance"]
    if not found:
        return NOTHING
    best = min(found, key=lambda score: score.value)
    return Entry(number(best), f"{name_of(best, [best])}, update {best.step:,}")


def _is_matrix(layer: Mapping[str, object]) -> bool:
    return len(layer["in_use"]) > 1  # type: ignore[arg-type]


def _stable_ranks(analyzed: Mapping[str, Sequence[Mapping[str, object]]]) -> Table:
    names = dict.fromkeys(layer["name"] for layers in analyzed.values() for layer in layers)
    lines = []
    for label, layers in analyzed.items():
        ranks = {layer["name"]: layer.get("stable_rank") for layer in layers}
        entries = [
            Entry(f"{rank:.1f}") if isinstance(rank, float | int) else NOTHING
            for rank in (ranks.get(name) for name in names)
        ]
        lines.append(Line([Entry(label), *entries]))
    return Table(["Run", *map(str, names)], lines, caption="Stable ranks of the weights in use")
