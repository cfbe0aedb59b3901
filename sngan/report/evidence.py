"""What a row of the plan can say in a comparison: a value for each of its trainings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from sngan.report.results import CellResult, Results
from sngan.report.verdict import Measured
from sngan.reproduce.estimate import seconds_per_step
from sngan.reproduce.targets import Part, Row, Variant

LARGER_IS_BETTER = ("IS", "breadth")
NOT_RUN = "not run"
LAYERS = 5
"""The paper's remark on spectra is about the first layers."""

Settings = list[tuple[Variant, list[CellResult]]]


@dataclass(frozen=True)
class Evidence:
    """A row at a setting.

    Attributes:
        label: What it is called.
        found: Its trainings.
        values: One of each training.
        problem: Why it cannot be compared; empty if it can.
        has_diverged: Whether all its trainings diverged, two or more.
    """

    label: str
    found: Sequence[CellResult] = ()
    values: Sequence[float] = ()
    problem: str = ""
    has_diverged: bool = False

    def __str__(self) -> str:
        if self.has_diverged:
            return f"{self.label} diverged (n = {len(self.found)})"
        return f"{self.label} {Measured(self.values)} (n = {len(self.values)})"


def evidence(row: Row, part: Part, measure: str, at: str, results: Results) -> Evidence:
    """Return what there is of a row.

    Args:
        row: Of the plan.
        part: Its part.
        measure: One of `sngan.reproduce.claims.MEASURES`.
        at: See `sngan.reproduce.claims.Comparison`.
        results: Ours.
    """
    asked = [pair for pair in results.of_row(row, part) if _is_asked(pair[0], at)]
    there = [pair for pair in asked if _has_ended(pair[1])]
    if not there:
        return Evidence(row.label, problem=NOT_RUN)
    if len(there) < len(asked):
        return Evidence(row.label, problem="settings missing")
    chosen = _chosen(row, part, measure, at, there, results)
    if chosen is None:
        return Evidence(row.label, problem="not measured")
    variant, found = chosen
    label = f"{row.label} at {variant.label}" if len(row.variants) > 1 else row.label
    return _of_trainings(label, found, measure, results)


def _of_trainings(
    label: str, found: Sequence[CellResult], measure: str, results: Results
) -> Evidence:
    values = values_of(found, measure, results)
    diverged = sum(result.state == "diverged" for result in found)
    if diverged == len(found) > 1:
        return Evidence(label, found, values, has_diverged=True)
    problem = ""
    if diverged:
        problem = "some trainings diverged"
    elif len(values) < 2:
        problem = "one seed" if values else "not measured"
    return Evidence(label, found, values, problem)


def values_of(found: Sequence[CellResult], measure: str, results: Results) -> list[float]:
    """Return a measure of each training that has it.

    Args:
        found: The trainings.
        measure: One of `sngan.reproduce.claims.MEASURES`.
        results: Ours.
    """
    values = [_value(result, measure, results) for result in found]
    return [value for value in values if value is not None]


def badness(found: Sequence[CellResult], measure: str, results: Results) -> float | None:
    """Return what orders settings, worst last: the mean, and infinity if a training diverged."""
    if any(result.state == "diverged" for result in found):
        return math.inf
    values = values_of(found, measure, results)
    if not values:
        return None
    return -mean(values) if measure in LARGER_IS_BETTER else mean(values)


def _chosen(
    row: Row, part: Part, measure: str, at: str, there: Settings, results: Results
) -> tuple[Variant, list[CellResult]] | None:
    if at == "best" and len(there) > 1:
        return results.chosen(row, part)
    bad = [(badness(found, measure, results), found, variant) for variant, found in there]
    known = [(value, variant, found) for value, found, variant in bad if value is not None]
    if not known:
        return there[0] if len(there) == 1 else None
    choose = max if at == "worst" else min
    _, variant, found = choose(known, key=lambda one: one[0])
    return variant, found


def _is_asked(variant: Variant, at: str) -> bool:
    return at in ("best", "worst") or variant.label in at.split(",")


def _has_ended(found: Sequence[CellResult]) -> bool:
    return any(result.state in ("finished", "diverged") for result in found)


def _value(result: CellResult, measure: str, results: Results) -> float | None:
    if measure in ("IS", "FID"):
        return result.score(measure, results.protocol)
    if measure == "breadth":
        return breadth(result.spectra)
    if measure == "deviation":
        return _deviation(result)
    return seconds_per_step(result.folder)


def breadth(spectra: Sequence[Mapping[str, Any]]) -> float | None:
    """Return how evenly singular values are spread: 1 if all are equal, 1 / n if one is left.

    The mean over the first layers of the sum of squares, over n times the largest.

    Args:
        spectra: A training's, by layer.
    """
    shares = [
        sum(value**2 for value in layer["in_use"]) / layer["in_use"][0] ** 2 / len(layer["in_use"])
        for layer in spectra[:LAYERS]
        if layer["in_use"] and layer["in_use"][0]
    ]
    return mean(shares) if shares else None


def _deviation(result: CellResult) -> float | None:
    """Return how far spectral norms are from 1: mean over layers in the second half."""
    lines = [line for line in result.log if line["name"].startswith("sigma/in_use/")]
    if not lines:
        return None
    half = lines[-1]["step"] / 2
    return mean(abs(line["value"] - 1) for line in lines if line["step"] > half)
