"""A report from the folder of a reproduction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from sngan.report.claims import claims_section, comparisons_section, judge_claims
from sngan.report.deviations import deviations_section
from sngan.report.document import Block, Entry, Line, Report, Section, Table
from sngan.report.headline import headline_part, lead, strip, without_headline
from sngan.report.results import CellResult, Results
from sngan.report.robustness import robustness_section
from sngan.report.sections import CHOICE, NOT_RUN, grids, section, status, title_of, verdicts
from sngan.report.verdict import RULE
from sngan.reproduce.cell import Cell
from sngan.reproduce.claims import read_claims
from sngan.reproduce.overrides import changes_results, without_place
from sngan.reproduce.reproduction import STATES
from sngan.reproduce.targets import Target
from sngan.sampling.grid import PADDING, pitch

SHOWN, IN_STRIP = 4, 3
"""Rows and columns of a grid of samples that a report shows, below and at its top."""
TONES = {"finished": "good", "failed": "bad", "diverged": "bad"}


def compose_report(results: Results, targets: Sequence[Target]) -> Report:
    """Return the report, whatever there is so far.

    Args:
        results: Of the cells.
        targets: The plan.
    """
    warning = _warning(results)
    judged = judge_claims(read_claims(targets), results)
    chosen = headline_part(targets, results)
    run = [target for target in targets if status(target, results) != NOT_RUN]
    figure, sections = without_headline([section(t, results) for t in run], chosen)
    first = strip(chosen, results)
    pictures = {name: path for target in targets for name, path in grids(target, results).items()}
    return Report(
        title="Spectral normalization for GANs: a reproduction",
        facts=_facts(results),
        warning=warning,
        sections=[
            claims_section(judged),
            *filter(None, [robustness_section(targets, results)]),
            _overview(targets, results),
            *sections,
            _missing(results),
            deviations_section(results),
            comparisons_section(judged),
            _cells(results),
        ],
        pictures={
            **{name: cut(path, SHOWN) for name, path in pictures.items()},
            **{name: cut(path, IN_STRIP) for name, (_, path) in first.items()},
        },
        lead=lead(judged, targets, results, is_the_paper_s=not warning),
        headline=figure,
        strip=[Entry(label, picture=name) for name, (label, _) in first.items()],
    )


def _facts(results: Results) -> list[tuple[str, str]]:
    plan, everything = results.plan, results.all.values()
    counts = Counter(result.state for result in everything)
    starts = [entry for result in everything for entry in result.environments]
    return [
        ("cells", ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])),
        ("scale", plan.scale),
        ("settings besides the plan", " ".join(map(without_place, plan.words)) or "none"),
        ("features", "; ".join(results.networks.values())),
        ("protocols", ", ".join(results.protocols)),
        ("hours of training", f"{sum(result.hours for result in everything):.1f}"),
        ("machines", _listed(f"{entry['device_name']}, {entry['platform']}" for entry in starts)),
        ("PyTorch", _listed(entry["versions"]["torch"] for entry in starts)),
        ("commits", _listed(_commit(entry) for entry in starts)),
        ("sngan of this report", version("sngan")),
    ]


def _warning(results: Results) -> str:
    """Return what a reader must know before all else."""
    scale, words = results.plan.scale, results.plan.words
    said = []
    if scale != "paper":
        said.append(f"Networks and lengths are those of scale {scale}, not the paper's.")
    said += _about_networks(results)
    if any(sheet.is_average for sheet in results.sheets):
        said.append("Scores are of averaged weights of G, which the paper has not.")
    changed = [word for word in words if changes_results(word)]
    if changed:
        said.append(f"Settings changed in all trainings: {' '.join(changed)}.")
    return " ".join(said)


def _about_networks(results: Results) -> list[str]:
    """Return which scores are no Inception scores and FIDs, and which are not of one kind."""
    said, every = [], results.networks
    others = {s.network: every[s.network] for s in results.sheets if not s.is_of_the_field}
    if others:
        some = "Scores" if len(others) == len(every) else "Some scores"
        which = " and of ".join(others.values())
        said.append(f"{some} are of {which} features, neither Inception scores nor FIDs.")
    if len(every) > 1:
        which = " and of ".join(every.values())
        said.append(f"Scores of {which} features do not compare with each other.")
    return said


def _overview(targets: Sequence[Target], results: Results) -> Section:
    """What was run of each table and figure, and how its numbers compare with the paper's."""
    said = {target.key: Counter(v.said for v in verdicts(target, results)) for target in targets}
    is_compared = any("within" in one or "outside" in one for one in said.values())
    run = [target for target in targets if status(target, results) != NOT_RUN]
    lines = []
    for target in run:
        link = Entry(f"[{title_of(target, results)}](#{target.key})")
        verdict = ", ".join(f"{count} {word}" for word, count in said[target.key].most_common())
        entries = [link, Entry(status(target, results)), Entry(verdict)]
        lines.append(Line(entries if is_compared else entries[:2]))
    columns = ["Table or figure", "Run", "Numbers beside the paper's"]
    of_paper = [target for target in targets if not target.is_extra]
    others = [target.title.partition(":")[0] for target in of_paper if target not in run]
    blocks: list[Block] = [Table(columns if is_compared else columns[:2], lines)]
    blocks += [f"Not run: {', '.join(others)}."] if others else []
    blocks += [RULE] if is_compared else []
    return Section("overview", "Tables and figures", blocks=[*blocks, CHOICE])


def _missing(results: Results) -> Section:
    """What went wrong or is not done, of what was asked for."""
    lines = [
        Line([Entry(result.cell.name), Entry(result.state), Entry(_why(result))])
        for result in results.all.values()
        if result.state not in ("finished", "waiting")
    ]
    table = Table(["Cell", "State", "Why"], lines)
    waiting = sum(result.state == "waiting" for result in results.all.values())
    rest = (
        "What the plan has besides, and was not asked for, is not run in the sections above. The "
        "paper's ImageNet results (Figures 5, 7 and 13) are not in the plan."
    )
    blocks: list[Block] = [table] if lines else []
    blocks += [f"Not begun: {waiting} of {len(results.all)} cells."] if waiting else []
    blocks = [*(blocks or ["Nothing of what was asked for."]), rest]
    return Section("missing", "What is missing", blocks=blocks)


def _why(result: CellResult) -> str:
    return result.record.failure or result.record.said or f"{result.step} updates logged"


def _cells(results: Results) -> Section:
    lines = [
        Line(
            [
                Entry(result.cell.name),
                Entry(result.state, tone=TONES.get(result.state, "muted")),
                Entry(f"{result.step:,}"),
                Entry(f"{result.hours:.2f}"),
                Entry(_listed(map(_commit, result.environments))),
                Entry(_listed(entry["device_name"] for entry in result.environments)),
                Entry(f"`{_command(result.cell)}`"),
            ]
        )
        for result in results.all.values()
    ]
    columns = ["Cell", "State", "Updates", "Hours", "Commit", "Machine", "Trained by itself"]
    return Section("cells", "Every cell", blocks=[Table(columns, lines)], is_folded=True)


def _command(cell: Cell) -> str:
    return replace(cell, words=tuple(map(without_place, cell.words))).command


def _commit(environment: Mapping[str, Any]) -> str:
    commit = environment["commit"]
    if commit is None:
        return f"release {environment['versions']['sngan']}"
    return f"{commit[:8]}{' with changes' if environment['dirty'] else ''}"


def _listed(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))


def cut(path: Path, count: int) -> bytes:
    """Return the first samples of a grid as PNG.

    Args:
        path: Of the grid.
        count: Rows and columns.
    """
    with Image.open(path) as grid:
        side = count * pitch(grid.width) + PADDING
        buffer = BytesIO()
        grid.crop((0, 0, side, side)).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
