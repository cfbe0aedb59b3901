"""How robust methods are over settings: best, median, worst, and a rank by each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sngan.report.document import Entry, Line, Section, Table
from sngan.report.evidence import LARGER_IS_BETTER, badness
from sngan.report.results import CellResult, Results
from sngan.reproduce.targets import SCORES, Part, Target

RULE = (
    "Best, median and worst are of the means over seeds of each setting; a setting in which a "
    "training diverged is behind all others. A rank is by the worst setting, then by the median; "
    "methods that miss a setting have none. Ranks are of means: which differences the seeds can "
    "tell, the claims above say."
)


@dataclass(frozen=True)
class Spread:
    """A method over settings; numbers are smaller where it is better, infinite if diverged.

    Attributes:
        label: Of the method.
        bad: By setting.
        seeds: The fewest and the most trainings of a setting.
    """

    label: str
    bad: dict[str, float]
    seeds: tuple[int, int]

    @property
    def order(self) -> tuple[float, float]:
        """The less, the more robust."""
        return max(self.bad.values()), median(self.bad.values())

    @property
    def best(self) -> str:
        """The best setting."""
        return min(self.bad, key=lambda label: self.bad[label])

    @property
    def worst(self) -> str:
        """The worst one."""
        return max(self.bad, key=lambda label: self.bad[label])


def spreads(part: Part, score: str, results: Results) -> list[Spread]:
    """Return the methods that have a score under any setting, the most robust first."""
    found = []
    for row in part.rows:
        pairs = results.of_row(row, part)
        bad = {variant.label: badness(trained, score, results) for variant, trained in pairs}
        known = {label: value for label, value in bad.items() if value is not None}
        counts = [_seeds(trained) for variant, trained in pairs if variant.label in known]
        if known:
            found.append(Spread(row.label, known, (min(counts), max(counts))))
    most = max((len(one.bad) for one in found), default=0)
    return sorted(found, key=lambda one: (len(one.bad) < most, one.order))


def robustness_section(targets: Sequence[Target], results: Results) -> Section | None:
    """Return a table for each score and data set of Figures 1 and 2; None if there is nothing."""
    parts = {part.dataset: part for t in targets if t.kind == "bars" for part in t.parts}
    everything = [
        (spreads(part, score, results), score, part) for part in parts.values() for score in SCORES
    ]
    tables = [
        _table(found, score, part, results)
        for found, score, part in everything
        if any(len(one.bad) > 1 for one in found)
    ]
    if not tables:
        return None
    return Section("robustness", "Robustness over settings", blocks=[*tables, RULE])


def _table(found: list[Spread], score: str, part: Part, results: Results) -> Table:
    better = "larger" if score in LARGER_IS_BETTER else "smaller"
    most = max(len(one.bad) for one in found)
    lines = []
    for rank, one in enumerate(found, 1):
        is_whole = len(one.bad) == most
        texts = [
            str(rank) if is_whole else "-",
            f"{_shown(one.bad[one.worst])} at {one.worst}",
            _shown(median(one.bad.values())),
            f"{_shown(one.bad[one.best])} at {one.best}",
            f"{len(one.bad)} of {len(part.rows[0].variants)}",
            str(one.seeds[0]) if len(set(one.seeds)) == 1 else "{} to {}".format(*one.seeds),
        ]
        entries = [Entry(text, tone="bad" if "diverged" in text else "") for text in texts]
        lines.append(Line([Entry(one.label), *entries]))
    columns = ["Method", "Rank", "Worst", "Median", "Best", "Settings", "Seeds"]
    caption = f"{results.name_of(score)}, {part.title}; {better} is better"
    return Table(columns, lines, caption)


def _shown(value: float) -> str:
    if math.isinf(value):
        return "diverged"
    value = abs(value)
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _seeds(found: Sequence[CellResult]) -> int:
    return sum(result.state in ("finished", "diverged") for result in found)
