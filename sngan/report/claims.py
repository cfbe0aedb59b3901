"""Do the paper's claims hold in our trainings? By one rule, which is printed beside them."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean

from sngan.report.document import Entry, Line, Section, Table
from sngan.report.evidence import LARGER_IS_BETTER, NOT_RUN, Evidence, evidence
from sngan.report.interval import CONFIDENCE, FAILS, HOLDS, OPEN, joined, said_of, student, welch
from sngan.report.results import Results
from sngan.reproduce.claims import Claim, Comparison
from sngan.reproduce.targets import SCORES, Row

RULE = (
    "A comparison holds if Welch's 95 % interval of the difference of the means over seeds lies "
    "where the claim says: on the right side of 0, or for level within 2 % (score) or 5 % "
    "(distance) of the other's mean. It does not hold if the interval lies wholly elsewhere, at "
    "95 % for all comparisons of the claim together (Bonferroni). A claim holds if all its "
    "comparisons do, and does not if one does not, on the data sets that were run; the rest, one "
    "seed and missing settings included, cannot be told. Of several settings the one with the "
    "highest mean score counts, for robustness the worst; one whose trainings all diverged is "
    "behind every other."
)
TONES = {HOLDS: "good", FAILS: "bad", OPEN: "muted"}
UNITS = {
    "breadth": "breadth of spectra", "deviation": "norms' mean distance from 1",
    "seconds": "seconds an update",
}  # fmt: skip


ELSEWHERE = "data set not run"
"""What is left out of a verdict, which says where it holds."""


@dataclass(frozen=True)
class Outcome:
    """What came out of a comparison.

    Attributes:
        says: It, in words, with the numbers of seeds.
        verdict: ``holds``, ``does not hold`` or ``cannot be told``.
        problem: Why it cannot be told, where nothing was computed.
        clearance: How far it is from tipping, in half widths of its interval.
        seeds: The smaller number of trainings; 0 where nothing was computed.
        where: On which data set.
    """

    says: str
    verdict: str
    problem: str = ""
    clearance: float = math.inf
    seeds: int = 0
    where: str = ""


@dataclass(frozen=True)
class Judged:
    """A claim, and what came out of each of its comparisons."""

    claim: Claim
    outcomes: Sequence[Outcome]

    @property
    def verdict(self) -> str:
        """Of all together."""
        return joined([one.verdict for one in self.outcomes if one.problem != ELSEWHERE])

    @property
    def said(self) -> str:
        """The verdict with the number of seeds that it rests on."""
        seeds = min((one.seeds for one in self.outcomes if one.seeds), default=0)
        run = dict.fromkeys(one.where for one in self.outcomes if one.problem != ELSEWHERE)
        is_whole = len(run) == len({one.where for one in self.outcomes}) or self.verdict == OPEN
        where = "" if is_whole else f" on {', '.join(run)}"
        return f"{self.verdict}{where}, {seeds} seeds" if seeds else self.verdict

    @property
    def ours(self) -> str:
        """What decides it, in words."""
        alike = [one for one in self.outcomes if one.verdict == self.verdict and not one.problem]
        said = [min(alike, key=lambda one: one.clearance).says] if alike else []
        others = Counter(one.problem or one.verdict for one in self.outcomes)
        if not said and set(others) <= {NOT_RUN, ELSEWHERE}:
            return "Not run."
        if not said and len(others) == 1:
            return f"{next(iter(others)).capitalize()}."
        if len(self.outcomes) > 1:
            listed = ", ".join(f"{what} {count}" for what, count in others.items())
            said.append(f"Of {len(self.outcomes)} comparisons: {listed}.")
        return " ".join(said)


def judge_claims(claims: Sequence[Claim], results: Results) -> list[Judged]:
    """Judge every claim by `RULE`."""
    return [Judged(claim, _outcomes(claim, results)) for claim in claims]


def claims_section(judged: Sequence[Judged]) -> Section:
    """Return the claims, a line each, and the rule."""
    lines = [
        Line(
            [
                Entry(f"{one.claim.says}."),
                Entry(one.ours),
                Entry(one.said, tone=TONES[one.verdict]),
            ]
        )
        for one in judged
    ]
    table = Table(["The paper claims", "Ours", "Verdict"], lines, is_prose=True)
    return Section("claims", "The paper's claims", blocks=[table, RULE])


def comparisons_section(judged: Sequence[Judged]) -> Section:
    """Return every comparison."""
    lines = [
        Line(
            [Entry(one.says), Entry(one.verdict, tone=TONES[one.verdict])],
            heading=f"{judgement.claim.says} (paper: {judgement.claim.paper})" if not i else "",
        )
        for judgement in judged
        for i, one in enumerate(judgement.outcomes)
    ]
    table = Table(["Comparison", "Verdict"], lines, is_prose=True)
    return Section("comparisons", "Every comparison", blocks=[table], is_folded=True)


def _outcomes(claim: Claim, results: Results) -> list[Outcome]:
    pairs = [(one, that) for one in claim.comparisons for that in one.those or (None,)]
    strict = 1 - (1 - CONFIDENCE) / len(pairs)
    outcomes = []
    run = {one.part.dataset for one in claim.comparisons if _is_run(one, results)}
    for one, that in pairs:
        if run and one.part.dataset not in run:
            outcomes.append(_left_out(one, that, results))
            continue
        ours = evidence(one.this, one.part, one.measure, one.at, results)
        if that is None:
            outcomes.append(_beside_limit(one, ours, strict, results))
        else:
            theirs = evidence(that, one.part, one.measure, one.those_at, results)
            outcomes.append(_compared(one, ours, theirs, strict, results))
    return [
        replace(outcome, where=one.part.title)
        for outcome, (one, _) in zip(outcomes, pairs, strict=True)
    ]


def _is_run(one: Comparison, results: Results) -> bool:
    sides = ((one.this, one.at), *((that, one.those_at) for that in one.those))
    return any(
        evidence(row, one.part, one.measure, at, results).problem != NOT_RUN for row, at in sides
    )


def _left_out(one: Comparison, that: Row | None, results: Results) -> Outcome:
    names = ", ".join(row.label for row in (one.this, that) if row is not None)
    return Outcome(f"{_about(one, results)}: {names}: {ELSEWHERE}.", OPEN, ELSEWHERE)


def _compared(
    one: Comparison, ours: Evidence, theirs: Evidence, strict: float, results: Results
) -> Outcome:
    about = _about(one, results)
    if problem := _problem(one, ours, theirs):
        return Outcome(f"{about}: {ours.label}, {theirs.label}: {problem}.", OPEN, problem)
    said, seeds = f"{about}: {ours}, {theirs}", min(len(ours.found), len(theirs.found))
    if ours.has_diverged or theirs.has_diverged:
        is_ahead = one.must != "level" and not ours.has_diverged
        return Outcome(f"{said}.", HOLDS if is_ahead else FAILS, seeds=seeds)
    scale = one.limit if one.must == "below" else 1.0
    pair = ours.values, [scale * value for value in theirs.values]
    name = f"ours less {scale:g} times it" if one.must == "below" else "difference"
    says = f"{said}; {name}"
    return _outcome(says, welch(*pair), welch(*pair, strict), _region(one, theirs), seeds)


def _beside_limit(one: Comparison, ours: Evidence, strict: float, results: Results) -> Outcome:
    about = _about(one, results)
    if ours.problem or ours.has_diverged:
        problem = ours.problem or "diverged"
        return Outcome(f"{about}: {ours.label}: {problem}.", OPEN, problem)
    inner, outer = (student(ours.values, level) for level in (CONFIDENCE, strict))
    says = f"{about}: {ours}, to be below {one.limit:g}; mean"
    return _outcome(says, inner, outer, (-math.inf, one.limit), len(ours.found))


def _region(one: Comparison, theirs: Evidence) -> tuple[float, float]:
    """Return where the difference must lie, ours less theirs."""
    if one.must == "level":
        margin = one.limit * abs(mean(theirs.values))
        return -margin, margin
    return (0.0, math.inf) if one.measure in LARGER_IS_BETTER else (-math.inf, 0.0)


def _outcome(
    said: str,
    inner: tuple[float, float],
    outer: tuple[float, float],
    region: tuple[float, float],
    seeds: int,
) -> Outcome:
    verdict = said_of(inner, outer, region)
    low, high = (f"{value:+.3g}" for value in inner)
    middle, half = sum(inner) / 2, (inner[1] - inner[0]) / 2
    distance = min(abs(middle - edge) for edge in region if math.isfinite(edge))
    clearance = distance / half if half else math.inf
    # Of what fails, the clearest decides; of the rest, the closest.
    clearance = -clearance if verdict == FAILS else clearance
    return Outcome(
        f"{said} {middle:+.3g}, interval {low} to {high}.", verdict, "", clearance, seeds
    )


def _problem(one: Comparison, ours: Evidence, theirs: Evidence) -> str:
    """Return what keeps two rows from being compared; nothing if nothing does."""
    if ours.problem or theirs.problem:
        return ours.problem or theirs.problem
    if ours.has_diverged and theirs.has_diverged:
        return "both diverged"
    sheets = [sheet for side in (ours, theirs) for r in side.found for sheet in r.sheets.values()]
    is_of_several = len({sheet.network for sheet in sheets}) > 1
    return "scores of several networks" if is_of_several and one.measure in SCORES else ""


def _about(one: Comparison, results: Results) -> str:
    unit = UNITS.get(one.measure) or results.name_of(one.measure)
    return f"By {unit} on {one.part.title}"
