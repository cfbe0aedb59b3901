"""What the cells of a reproduction have come to, read from their folders."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from sngan.report.sheets import Sheet, name_of, networks
from sngan.report.verdict import Measured
from sngan.reproduce.cell import Cell
from sngan.reproduce.overrides import changes_results
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Record, Reproduction
from sngan.reproduce.targets import Part, Row, Variant, key_of, key_of_real
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.metrics import read_metrics
from sngan.system.files import read_json

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CellResult:
    """One cell.

    Attributes:
        cell: It.
        folder: Its run folder.
        state: See `sngan.reproduce.reproduction.STATES`.
        record: What is noted of it.
        sheets: Its scores, by ``last`` and ``best``.
    """

    cell: Cell
    folder: RunFolder
    state: str
    record: Record
    sheets: Mapping[str, Sheet]

    @cached_property
    def log(self) -> Sequence[Mapping[str, Any]]:
        """The lines of ``metrics.jsonl``."""
        return read_metrics(self.folder.metrics)

    @property
    def hours(self) -> float:
        """Hours of training."""
        return self.log[-1]["seconds"] / 3600 if self.log else 0.0

    @property
    def step(self) -> int:
        """The last logged iteration."""
        return self.log[-1]["step"] if self.log else 0

    @cached_property
    def environments(self) -> Sequence[Mapping[str, Any]]:
        """One entry per start of the training."""
        return read_json(self.folder.environment, list) or []

    @cached_property
    def samples(self) -> Path | None:
        """The last grid of samples that is whole."""
        return next(filter(_is_whole, reversed(self.folder.grids)), None)

    @property
    def spectra(self) -> list[Mapping[str, Any]]:
        """Singular values of each layer; none if they are not measured."""
        if not self.record.spectra:
            return []
        return (read_json(self.folder.path / self.record.spectra, dict) or {}).get("layers", [])

    def score(self, name: str, protocol: str, which: str = "last") -> float | None:
        """Return ``IS`` or ``FID`` of the last or the best checkpoint; None if there is none."""
        sheet = self.sheets.get(which)
        return None if sheet is None else sheet.score(name, protocol)


class Results:
    """All cells of a reproduction.

    Args:
        folder: Of the reproduction.

    Raises:
        FileNotFoundError: If it holds none.
        ValueError: If its plan is damaged.
    """

    def __init__(self, folder: Reproduction) -> None:
        self.folder = folder
        self.plan: Plan = folder.read_plan()
        self.protocols = [str(node["name"]) for node in self.plan.evaluation["protocol"].values()]
        self.all = {
            name: self._result(cell, self.plan.evaluation_key)
            for name, cell in self.plan.cells.by_name.items()
        }

    @property
    def protocol(self) -> str:
        """The protocol that stands for the paper's: it, or else the first."""
        return "paper" if "paper" in self.protocols else self.protocols[0]

    @cached_property
    def sheets(self) -> Sequence[Sheet]:
        """All score sheets there are."""
        return _sheets_of(self.all.values())

    @cached_property
    def networks(self) -> Mapping[str, str]:
        """Whose features scores are of, in words, by `Sheet.network`; more if sheets disagree."""
        return networks(self.sheets)

    def name_of(self, score: str) -> str:
        """Return what ``IS`` or ``FID`` is called here; see `sngan.report.sheets.name_of`."""
        return name_of(score, self.sheets)

    def of_variant(self, variant: Variant) -> list[CellResult]:
        """Return what there is of a variant, one entry per seed."""
        return [self.all[name] for name in self.plan.cells.by_variant.get(key_of(variant), ())]

    def of_row(self, row: Row, part: Part) -> list[tuple[Variant, list[CellResult]]]:
        """Return what there is of each variant of a row; of real pictures, as one variant."""
        if row.is_real:
            names = self.plan.cells.by_variant.get(key_of_real(part.dataset), ())
            return [(Variant("", ()), [self.all[name] for name in names])]
        return [(variant, self.of_variant(variant)) for variant in row.variants]

    def chosen(self, row: Row, part: Part) -> tuple[Variant, list[CellResult]] | None:
        """Return the variant with the highest mean Inception score; None if none has one.

        Those of which a training diverged are taken only if there are no others.
        """
        scored = [
            (_none_diverged(results), measured.mean, variant, results)
            for variant, results in self.of_row(row, part)
            if (measured := measure(results, "IS", self.protocol)) is not None
        ]
        if not scored:
            return None
        *_, variant, results = max(scored, key=lambda entry: entry[:2])
        return variant, results

    def remarks(
        self, results: Sequence[CellResult], dataset: str, protocol: str | None = None
    ) -> list[str]:
        """Return what keeps scores from being the paper's; nothing if nothing does.

        Where sheets of this report are of several networks, each cell says of which it is.

        Args:
            results: Of one variant, or several.
            dataset: Of the plan.
            protocol: Under which; the one that stands for the paper's otherwise.
        """
        protocol = protocol or self.protocol
        sheets = _sheets_of(results)
        is_of_the_field = all(sheet.is_of_the_field for sheet in sheets)
        said = []
        if len(self.networks) > 1 or not is_of_the_field:
            used = dict.fromkeys(self.networks[sheet.network] for sheet in sheets)
            said += [f"{network} features" for network in used]
        if is_of_the_field and protocol != "paper":
            said.append(f"protocol {protocol}")
        if is_of_the_field and not all(sheet.is_comparable(protocol) for sheet in sheets):
            said.append("its sides or counts are not the protocol's")
        if any(sheet.is_average for sheet in sheets):
            said.append("averaged weights")
        return [*said, *self.changes(results, dataset)]

    def changes(self, results: Sequence[CellResult], dataset: str) -> list[str]:
        """Return how trainings differ from the paper's."""
        said = [] if self.plan.scale == "paper" else [f"scale {self.plan.scale}"]
        used = {_dataset_of(result.cell) for result in results} - {dataset}
        said += [f"pictures of {name}" for name in sorted(used)]
        changed = any(changes_results(word) for word in self.plan.words)
        return [*said, *(["settings changed"] if changed else [])]

    def _result(self, cell: Cell, evaluation_key: str) -> CellResult:
        run = self.folder.of_cell(cell.name)
        record = self.folder.record(cell.name)
        files = record.sheets.get(evaluation_key, {})
        found = {which: Sheet.read(run.path / x, self.protocols) for which, x in files.items()}
        sheets = {which: sheet for which, sheet in found.items() if sheet is not None}
        return CellResult(cell, run, self.folder.state(cell, evaluation_key), record, sheets)


def _is_whole(picture: Path) -> bool:
    """Tell whether a picture can be read to its end."""
    try:
        with Image.open(picture) as found:
            found.load()
    except (OSError, SyntaxError, ValueError) as error:  # PIL's ways to say that it cannot.
        logger.warning("%s is left out: it is damaged (%s)", picture, error)
        return False
    return True


def measure(
    results: Sequence[CellResult], name: str, protocol: str, which: str = "last"
) -> Measured | None:
    """Return a score over the seeds of a variant; None if none has it.

    Args:
        results: Of one variant.
        name: ``IS`` or ``FID``.
        protocol: Under which.
        which: ``last`` or ``best`` checkpoint.
    """
    found = [(result, result.score(name, protocol, which)) for result in results]
    values = [value for _, value in found if value is not None]
    if not values:
        return None
    split_std = None
    if name == "IS" and len(values) == 1:
        (sheet,) = (result.sheets[which] for result, value in found if value is not None)
        split_std = sheet.split_std(protocol)
    return Measured(values, split_std)


def _sheets_of(results: Iterable[CellResult]) -> list[Sheet]:
    return [sheet for result in results for sheet in result.sheets.values()]


def _none_diverged(results: Sequence[CellResult]) -> bool:
    return all(result.state != "diverged" for result in results)


def _dataset_of(cell: Cell) -> str:
    return str(cell.config["dataset"]["_target_"]).split(".")[-2]
