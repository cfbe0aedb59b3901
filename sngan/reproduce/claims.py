"""The paper's claims: comparisons of rows of the plan, read from one file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sngan.reproduce.targets import Part, Row, Target

FILE = Path(__file__).with_name("claims.yaml")
MUST = ("ahead", "level", "below")
"""What the paper can say of a comparison."""
MEASURES = ("IS", "FID", "breadth", "deviation", "seconds")
"""By what rows can be compared; `sngan.report.evidence` says how each is measured."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A row beside others, or beside a limit.

    Attributes:
        target: Table or figure.
        part: Of it.
        measure: One of `MEASURES`.
        this: The row that the paper speaks of.
        those: What it is compared with; none if with ``limit`` itself.
        at: Setting of ``this``: ``best``, ``worst``, or letters, of which the better counts.
        those_at: Likewise of ``those``.
        must: One of `MUST`.
        limit: See ``claims.yaml``.
    """

    target: Target
    part: Part
    measure: str
    this: Row
    those: tuple[Row, ...]
    at: str
    those_at: str
    must: str
    limit: float


@dataclass(frozen=True)
class Claim:
    """What the paper says.

    Attributes:
        key: For links.
        says: It, in a sentence.
        paper: The numbers that carry it there.
        comparisons: What would have to come out.
    """

    key: str
    says: str
    paper: str
    comparisons: tuple[Comparison, ...]


def read_claims(targets: Sequence[Target], path: Path = FILE) -> tuple[Claim, ...]:
    """Read the claims.

    Args:
        targets: The plan.
        path: The file.

    Raises:
        ValueError: If it names what the plan does not have.
    """
    parts = {f"{t.key}/{part.key}": (t, part) for t in targets for part in t.parts}
    return tuple(
        Claim(
            content["key"],
            content["claim"],
            content["paper"],
            tuple(one for entry in content["comparisons"] for one in _read(path, entry, parts)),
        )
        for content in yaml.safe_load(path.read_text())
    )


def _read(
    path: Path, content: Mapping[str, Any], parts: Mapping[str, tuple[Target, Part]]
) -> list[Comparison]:
    """Return a comparison for each measure that is named."""
    _require(path, "part", content["part"], parts)
    _require(path, "must", content["must"], MUST)
    target, part = parts[content["part"]]
    at, section = content.get("at", "best"), content.get("section", "")
    for measure in content["measure"]:
        _require(path, "measure", measure, MEASURES)
    return [
        Comparison(
            target=target,
            part=part,
            measure=measure,
            this=_row(path, part, content["this"], section),
            those=tuple(_row(path, part, label, section) for label in content.get("those", ())),
            at=at,
            those_at=content.get("those_at", at),
            must=content["must"],
            limit=content.get("limit", 0.0),
        )
        for measure in content["measure"]
    ]


def _row(path: Path, part: Part, label: str, section: str) -> Row:
    known = [row for row in part.rows if not row.quoted and section in ("", row.section)]
    _require(path, f"row of {part.title}", label, [row.label for row in known])
    return next(row for row in known if row.label == label)


def _require(
    path: Path, what: str, value: str, known: Sequence[str] | Mapping[str, object]
) -> None:
    if value not in known:
        raise ValueError(f"{path}: {what} must be one of {', '.join(known)}, got {value}")
