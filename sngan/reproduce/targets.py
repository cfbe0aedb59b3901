"""The plan: what each table and figure of the paper needs, read from one file each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from sngan.assembly.words import parse

FOLDER = Path(__file__).parent / "paper"
SCORES = ("IS", "FID")
NEEDS: Mapping[str, frozenset[str]] = {
    "table": frozenset({"scores"}),
    "bars": frozenset({"scores"}),
    "lines": frozenset({"scores"}),
    "spectra": frozenset({"scores", "spectra"}),
    "samples": frozenset(),
    "log": frozenset(),
    "timing": frozenset(),
    "drawing": frozenset(),
}
"""What trainings must be measured for, by the kind of a table or figure."""


@dataclass(frozen=True)
class Published:
    """A number of the paper.

    Attributes:
        value: None where there is only a word.
        std: What stands behind +-; None if nothing does.
        said: As printed.
    """

    value: float | None
    std: float | None
    said: str

    @classmethod
    def read(cls, text: object) -> "Published":
        """Read ``7.42 +- .08``, ``29.3`` or a word such as ``collapsed``."""
        said = str(text)
        numbers = re.fullmatch(r"(-?[\d.]+)(?: \+- ([\d.]+))?", said)
        if numbers is None:
            return cls(None, None, said)
        value, std = numbers.groups()
        return cls(float(value), None if std is None else float(std), said)


@dataclass(frozen=True)
class Variant:
    """One configuration of a row, to be trained with one or more seeds.

    Attributes:
        label: What tells it from the others of its row: ``D``, ``0.5``; empty if there is no other.
        words: Of the command line of ``sngan-train``.
    """

    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a table, a method of a figure.

    Attributes:
        label: As in the paper.
        section: Heading above it; empty for that of the row before.
        variants: What is trained; the best of them where a table has one number.
        is_real: Whether the real pictures themselves are scored.
        seeds: How many trainings of each variant.
        published: Numbers of the paper by score, ``IS`` or ``FID``.
        quoted: From whom the paper quotes the row; empty for its own.
        remark: What else must be said.
    """

    label: str
    section: str
    variants: tuple[Variant, ...]
    is_real: bool
    seeds: int
    published: Mapping[str, Published]
    quoted: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """A table or a panel for one data set.

    Attributes:
        key: Its name behind the slash of ``--only``.
        title: Its heading.
        dataset: Member of the ``dataset`` group.
        rows: In the paper's order.
        values: Of ``metrics.jsonl``, what a figure over updates shows: names, or their beginnings.
        y: What they are.
    """

    key: str
    title: str
    dataset: str
    rows: tuple[Row, ...]
    values: tuple[str, ...]
    y: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """A table or a figure of the paper.

    Attributes:
        key: ``table2``, ``figure1``.
        title: With its number.
        kind: How it is shown, a key of `NEEDS`.
        claim: What the paper says it shows.
        trust: How far the paper's numbers are known.
        score: What a figure shows, ``IS`` or ``FID``; empty for others.
        x: What a figure of lines has on its horizontal axis.
        parts: One per data set, mostly.
        is_extra: Whether it is none of the paper's, so that it is run only by name.
    """

    key: str
    title: str
    kind: str
    claim: str
    trust: str
    score: str
    x: str
    parts: tuple[Part, ...]
    is_extra: bool = False


def read_targets(folder: Path = FOLDER) -> tuple[Target, ...]:
    """Read the plan, tables first, each by number; what is none of the paper's comes last.

    Raises:
        ValueError: If a file is not a plan.
    """
    paths = sorted(folder.glob("*.yaml"), key=lambda path: (path.stem[0] == "f", _number(path)))
    return tuple(sorted(map(read_target, paths), key=lambda target: target.is_extra))


def read_target(path: Path) -> Target:
    """Read the plan of one table or figure.

    Raises:
        ValueError: If it is not one.
    """
    content = yaml.safe_load(path.read_text())
    known = {"score", "x", "values", "y", "extra"}
    _require_keys(path, content, {"title", "kind", "claim", "trust", "parts"}, known)
    if content["kind"] not in NEEDS:
        raise ValueError(f"{path}: kind must be one of {', '.join(NEEDS)}, got {content['kind']}")
    parts = tuple(_read_part(path, key, part, content) for key, part in content["parts"].items())
    return Target(
        key=path.stem,
        title=content["title"],
        kind=content["kind"],
        claim=content["claim"],
        trust=content["trust"],
        score=content.get("score", ""),
        x=content.get("x", ""),
        parts=parts,
        is_extra=content.get("extra", False),
    )


def key_of(variant: Variant) -> str:
    """Return the key under which a variant's cells are listed."""
    return " ".join(variant.words)


def key_of_real(dataset: str) -> str:
    """Return the key under which the real pictures of a data set are listed."""
    return f"real {dataset}"


def variants(train: str) -> tuple[Variant, ...]:
    """Expand the words of a sweep, as ``sngan-train -m`` would.

    Args:
        train: Words apart from each other by a space; commas outside of brackets list values.

    Raises:
        ValueError: If a word cannot be read.
    """
    choices = [word.choices() for word in parse(train.split())]
    varied = [index for index, choice in enumerate(choices) if len(choice) > 1]
    return tuple(
        Variant(" ".join(str(parse([words[index]])[0].value) for index in varied), words)
        for words in product(*choices)
    )


def _read_part(path: Path, key: str, content: Mapping[str, Any], target: Mapping[str, Any]) -> Part:
    _require_keys(path, content, {"title", "dataset", "rows"}, {"seeds", "values", "y"})
    rows, section = [], ""
    for row in content["rows"]:
        section = row.get("section", section)
        rows.append(_read_row(path, row, section, content.get("seeds", 1)))
    return Part(
        key=key,
        title=content["title"],
        dataset=content["dataset"],
        rows=tuple(rows),
        values=tuple(content.get("values") or target.get("values", ())),
        y=content.get("y") or target.get("y", ""),
    )


def _read_row(path: Path, content: Mapping[str, Any], section: str, seeds: int) -> Row:
    known = {"section", "train", "real", "seeds", "paper", "quoted", "remark"}
    _require_keys(path, content, {"label"}, known)
    published = {name: Published.read(text) for name, text in content.get("paper", {}).items()}
    if set(published) - set(SCORES):
        raise ValueError(f"{path}: paper gives {', '.join(SCORES)}, got {', '.join(published)}")
    return Row(
        label=content["label"],
        section=section,
        variants=variants(content["train"]) if "train" in content else (),
        is_real=content.get("real", False),
        seeds=content.get("seeds", seeds),
        published=published,
        quoted=content.get("quoted", ""),
        remark=content.get("remark", ""),
    )


def _require_keys(
    path: Path, content: Mapping[str, Any], required: set[str], more: set[str]
) -> None:
    missing, unknown = required - set(content), set(content) - required - more
    if missing or unknown:
        raise ValueError(f"{path}: missing {sorted(missing)}, unknown {sorted(unknown)}")


def _number(path: Path) -> int:
    return int(re.sub(r"\D", "", path.stem) or 0)
