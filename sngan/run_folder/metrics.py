"""What a run has measured: ``metrics.jsonl``, one object a line with step, name, value, seconds."""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sngan.system.files import write_errors, write_text

NUMBER = (int, float)
KINDS = {"step": (int,), "name": (str,), "value": NUMBER, "seconds": NUMBER}
"""Of what a line holds."""


class Metrics:
    """The file of a run that goes on; lines are only added.

    Args:
        path: The file. Lines after ``step`` are dropped: a resumed run makes them again.
        step: The step the run continues from.
        seconds: Time the run had taken until then.

    Attributes:
        tell: Called with every entry that is written, its step and values.
    """

    def __init__(self, path: Path, step: int = 0, seconds: float = 0.0) -> None:
        self.path = path
        self.tell: Callable[[int, Mapping[str, float]], None] = lambda _step, _values: None
        self._start = time.monotonic() - seconds
        kept = [json.dumps(line) + "\n" for line in read_metrics(path) if line["step"] <= step]
        write_text(path, "".join(kept))

    @property
    def seconds(self) -> float:
        """Seconds of training, interruptions left out."""
        return time.monotonic() - self._start

    @contextmanager
    def not_counted(self) -> Iterator[None]:
        """Leave out of the seconds of training what goes on meanwhile."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self._start += time.monotonic() - begun

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Write one line per value."""
        seconds = round(self.seconds, 3)
        with write_errors(self.path), self.path.open("a") as file:
            for name, value in values.items():
                line = {"step": step, "name": name, "value": value, "seconds": seconds}
                file.write(json.dumps(line) + "\n")
        self.tell(step, values)

    def forget(self, step: int, but: Collection[str]) -> None:
        """Drop the lines of a step, but for those of some names: what they say is measured anew."""
        kept = [
            json.dumps(line) + "\n"
            for line in read_metrics(self.path)
            if line["step"] != step or line["name"] in but
        ]
        write_text(self.path, "".join(kept))


def read_metrics(path: Path) -> list[Mapping[str, Any]]:
    """Return the lines of a file, but for those that a kill cut short; none if there is no file."""
    found: list[Mapping[str, Any]] = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        with suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict) and all(
                type(entry.get(key)) in kinds for key, kinds in KINDS.items()
            ):
                found.append(entry)
    return found
