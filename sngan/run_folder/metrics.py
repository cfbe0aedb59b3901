"""What a run has measured: ``metrics.jsonl``, one object a line with step, name, value, seconds."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sngan.system.files import write_text

KEYS = {"step", "name", "value", "seconds"}


class Metrics:
    """The file of a run that goes on; lines are only added.

    Args:
        path: The file. Lines after ``step`` are dropped: a resumed run makes them again.
        step: The step the run continues from.
        seconds: Time the run had taken until then.
    """

    def __init__(self, path: Path, step: int = 0, seconds: float = 0.0) -> None:
        self.path = path
        self._start = time.monotonic() - seconds
        kept = [json.dumps(line) + "\n" for line in read_metrics(path) if line["step"] <= step]
        write_text(path, "".join(kept))

    @property
    def seconds(self) -> float:
        """Seconds of training, interruptions left out."""
        return time.monotonic() - self._start

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Write one line per value."""
        seconds = round(self.seconds, 3)
        with self.path.open("a") as file:
            for name, value in values.items():
                line = {"step": step, "name": name, "value": value, "seconds": seconds}
                file.write(json.dumps(line) + "\n")


def read_metrics(path: Path) -> list[Mapping[str, Any]]:
    """Return the lines of a file, but for those that a kill cut short; none if there is no file."""
    found: list[Mapping[str, Any]] = []
    for line in path.read_text().splitlines() if path.exists() else ():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and entry.keys() >= KEYS:
                found.append(entry)
    return found
