"""Scores of runs: drawn, the last and the best, and every one."""

from collections.abc import Mapping, Sequence

from sngan.report import run_curves
from sngan.report.document import Block, Entry, Line, Section, Table
from sngan.report.run_result import RunResult, Score


def scores(runs: Sequence[RunResult]) -> Section:
    """Return every kind of score, drawn and as a table of the last and the best."""
    blocks: list[Block] = []
    order = [run.label for run in runs]
    for index, (name, found) in enumerate(_by_kind(runs).items()):
        blocks.append(f"**{name}**")
        blocks += run_curves.scores(name, found, f"score_{index}", order)
        blocks.append(_last_and_best(found))
    advice = "Not scored: `sngan-eval RUN_FOLDER` does it, or `'monitor=[scores]'` while training."
    return Section("scores", "Scores", blocks=blocks or [advice])


def every_score(runs: Sequence[RunResult]) -> Section:
    """Return all numbers there are."""
    lines = [
        Line(
            [
                Entry(run.label),
                Entry(f"{score.step:,}"),
                Entry(name_of(score, [score])),
                Entry(number(score)),
                Entry("sngan-eval" if score.called else "while training"),
            ]
        )
        for run in runs
        for score in sorted(run.scores, key=lambda score: score.step)
    ]
    blocks = [Table(["Run", "Updates", "Score", "Value", "By"], lines)] if lines else []
    return Section("every_score", "Every score", blocks=blocks, is_folded=True)


def _by_kind(runs: Sequence[RunResult]) -> dict[str, dict[str, list[Score]]]:
    """Return scores that compare with each other, by their name, and among these by run."""
    kinds: dict[tuple[str, str, str], dict[str, list[Score]]] = {}
    for run in runs:
        for score in run.scores:
            key = score.network, score.kind, score.protocol
            kinds.setdefault(key, {}).setdefault(run.label, []).append(score)
    return {
        name_of(next(iter(found.values()))[0], [x for own in found.values() for x in own]): found
        for found in kinds.values()
    }


def name_of(score: Score, alike: Sequence[Score]) -> str:
    """Return what a score is called by any sheet of its kind; else as the monitor calls it."""
    called = next((x.called for x in alike if x.called), f"{score.network} {score.kind}")
    return f"{called}, protocol {score.protocol}"


def _last_and_best(found: Mapping[str, Sequence[Score]]) -> Table:
    lines = []
    for label, numbers in found.items():
        last = max(numbers, key=lambda score: (score.step, bool(score.called)))
        entries = [Entry(number(last), f"update {last.step:,}")]
        if last.kind in ("distance", "score"):
            choose = min if last.kind == "distance" else max
            best = choose(numbers, key=lambda score: score.value)
            entries.append(Entry(number(best), f"update {best.step:,}"))
        lines.append(Line([Entry(label), *entries]))
    columns = ["Run", "Last", "Best"][: len(lines[0].entries)]
    return Table(columns, lines)


def number(score: Score) -> str:
    """Return a score as it is shown."""
    std = "" if score.std is None else f" ± {score.std:.3g}"
    return f"{score.value:.4g}{std}" if abs(score.value) < 1000 else f"{score.value:,.0f}{std}"
