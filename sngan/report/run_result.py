"""What a run has come to so far, read from its folder, whatever there is of it."""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from sngan.report.sheets import FIELDS, KINDS, Sheet
from sngan.run_folder.folder import RunFolder, step_of
from sngan.run_folder.hold import holder_of
from sngan.run_folder.kinds import is_integer, is_number, is_settings
from sngan.run_folder.metrics import read_metrics
from sngan.run_folder.pace import Pace, pace_of
from sngan.system.files import read_json

Points = tuple[list[float], list[float]]
"""Steps and values."""


@dataclass(frozen=True)
class Score:
    """A number that a checkpoint got.

    Attributes:
        network: Name of the features.
        kind: ``score``, ``distance``, or the name of a further metric's value.
        protocol: Under which; of averaged weights it says so.
        step: Completed iterations.
        value: The number.
        std: Standard deviation over the splits, if there is any.
        called: What the sheet calls it; empty if a monitor measured it while training.
    """

    network: str
    kind: str
    protocol: str
    step: int
    value: float
    std: float | None = None
    called: str = ""


@dataclass(frozen=True)
class RunResult:
    """A run.

    Attributes:
        label: What it is called here.
        folder: Where it lies.
    """

    label: str
    folder: RunFolder

    @cached_property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        """What it has logged, but for what is no number."""
        lines = read_metrics(self.folder.metrics)
        return [x for x in lines if is_integer(x["step"]) and is_number(x["value"])]

    @cached_property
    def settings(self) -> dict[str, object]:
        """Its settings by their full names; none if the file is damaged."""
        try:
            content = yaml.safe_load(self.folder.config.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError, RecursionError):
            return {}
        return dict(_flat(content)) if is_settings(content) else {}

    @cached_property
    def environments(self) -> Sequence[Mapping[str, Any]]:
        """One entry per start."""
        found = read_json(self.folder.environment, list) or []
        return [entry for entry in found if isinstance(entry, dict)]

    @cached_property
    def step(self) -> int:
        """Iterations that are logged or saved."""
        steps = [line["step"] for line in self.lines] + [*map(step_of, self.folder.checkpoints)]
        return max(steps, default=0)

    @property
    def total_steps(self) -> int | None:
        """How long it is to be; None if that cannot be read."""
        total = self.settings.get("total_steps")
        return total if type(total) is int else None

    @property
    def state(self) -> str:
        """Whether it is at its end, goes on, or has stopped before."""
        if holder := _at_work(self.folder):
            return holder
        if self.total_steps is None:
            return "settings damaged"
        return "finished" if self.step >= self.total_steps else "stopped"

    @property
    def seconds(self) -> float:
        """Of the wall, until the newest entry."""
        return max((line["seconds"] for line in self.lines), default=0.0)

    @cached_property
    def pace(self) -> Pace | None:
        """How fast it goes; None if nothing is logged."""
        return pace_of(self.lines)

    @property
    def names(self) -> list[str]:
        """What it has logged, in the order in which it came."""
        return list(dict.fromkeys(line["name"] for line in self.lines))

    def points(self, name: str) -> Points:
        """Return what it has logged under a name."""
        found = [line for line in self.lines if line["name"] == name]
        return [float(x["step"]) for x in found], [float(x["value"]) for x in found]

    @cached_property
    def scores(self) -> list[Score]:
        """What it scored while training, and what ``sngan-eval`` wrote beside checkpoints."""
        sheets = sorted(self.folder.path.glob("checkpoints/*.json"))
        return [*self._while_training(), *(score for x in sheets for score in _of_sheet(x))]

    @cached_property
    def spectra(self) -> list[Mapping[str, Any]]:
        """Layers of the newest checkpoint that ``sngan-analyze`` has looked at; none otherwise."""
        found = sorted(self.folder.path.glob("checkpoints/*.spectra.json"))
        content = (read_json(found[-1], dict) or {}) if found else {}
        layers = content.get("layers")
        return [x for x in layers if _is_layer(x)] if isinstance(layers, list) else []

    def _while_training(self) -> Iterator[Score]:
        for line in self.lines:
            kind, *rest = line["name"].split("/")
            if kind in KINDS.values() and (len(rest) == 2 or rest[2:] == ["average"]):
                yield Score(rest[0], kind, ", ".join(rest[1:]), line["step"], line["value"])


def _flat(node: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, object]]:
    for key, value in node.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _of_sheet(path: Path) -> Iterator[Score]:
    """Yield the numbers of a file of scores; none if it is damaged or of another kind."""
    content = read_json(path, dict) or {}
    step: Any = content.get("step")
    of = ", average" if content.get("weights") == "average" else ""
    sheet = Sheet.read(path, ())
    if sheet is None or not is_integer(step):
        return
    network = str(sheet.extractor["name"])
    for protocol, found in sheet.protocols.items():
        values = found if isinstance(found, dict) else {}
        for score, field in FIELDS.items():
            kind = KINDS[score]
            std = values.get(f"{kind}_std")
            about = std if is_number(std) else None, str(sheet.names[kind])
            if is_number(values.get(field)):
                yield Score(network, kind, f"{protocol}{of}", step, values[field], *about)
        for name, value in _further(values.get("more")):
            about = None, f"{network} {name}"
            yield Score(network, name, f"{protocol}{of}", step, value, *about)


def _further(more: object) -> Iterator[tuple[str, float]]:
    """Yield what further metrics gave."""
    for metric, values in more.items() if isinstance(more, dict) else ():
        for key, value in values.items() if isinstance(values, dict) else ():
            if is_number(value):
                yield (metric if key == metric else f"{metric} {key}"), value


def _is_layer(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return False
    numbers = value.get("in_use")
    return isinstance(numbers, list) and bool(numbers) and all(map(is_number, numbers))


def _at_work(folder: RunFolder) -> str:
    """Return who trains in a folder, in words; empty if nobody does.

    A killed process leaves its note: of this machine's, the system knows whether they live.
    """
    found: Mapping[str, Any] = holder_of(folder)
    process, host = found.get("process"), found.get("host")
    if type(process) is not int or process < 1:
        return ""
    if host != socket.gethostname():
        return f"running on {host}, or killed there"
    try:
        os.kill(process, 0)
    except PermissionError:  # Somebody else's.
        return "running"
    except (ProcessLookupError, OverflowError):
        return ""
    return "running"
