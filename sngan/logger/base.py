"""What a logger promises: to pass on what a run writes down to a tracker of experiments.

``metrics.jsonl`` and the grids are the truth; a tracker is a copy. Whenever a run begins or goes
on, all that its folder holds is passed on again, in order. So a tracker is complete, whatever a
kill or a failure has cost it; one that keeps what it was told leaves out what it has.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Outcome = Literal["finished", "interrupted", "failed"]
"""How a run ended."""
Plain = str | int | float | bool


@dataclass(frozen=True)
class TrackedRun:
    """What a tracker is told of a run.

    Attributes:
        folder: Its folder; a tracker's own files go into it.
        name: The last parts of the folder's path, for lists of runs.
        settings: The whole configuration, flat: ``setting.lr``.
    """

    folder: Path
    name: str
    settings: Mapping[str, Plain]


class Logger(ABC):
    """Passes on what a run writes down. It may fail: the run goes on without it."""

    def begin(self, run: TrackedRun) -> None:  # noqa: B027 - not all need it.
        """Begin, or go on with the run of this folder; all there is so far comes next.

        Args:
            run: The run.
        """

    @abstractmethod
    def log(self, step: int, values: Mapping[str, float], at: float) -> None:
        """Pass on an entry of ``metrics.jsonl``.

        Args:
            step: Completed iterations.
            values: By name.
            at: When, in seconds since 1970, as if the run had never been interrupted.
        """

    def picture(self, step: int, path: Path, at: float) -> None:  # noqa: B027
        """Pass on a grid of samples.

        Args:
            step: Completed iterations.
            path: The PNG file.
            at: See `log`.
        """

    def end(self, step: int, scores: Mapping[str, float], outcome: Outcome) -> None:  # noqa: B027
        """End, for now: a run that was interrupted may go on.

        Args:
            step: Completed iterations.
            scores: What monitors scored, as ``last/NAME`` and ``best/NAME``; and ``best/step``.
            outcome: How it ended.
        """


def require_package(module: str, member: str) -> None:
    """Raise unless an optional package is installed.

    Args:
        module: Its module.
        member: Of the group; the extra has the same name.

    Raises:
        ModuleNotFoundError: Saying how to install it.
    """
    found = find_spec(module)
    if found is None or found.origin is None:  # A mere folder of this name is no package.
        raise ModuleNotFoundError(
            f"logger={member} needs another package: pip install '.[{member}]' in a checkout of "
            "sngan, or leave it out: logger=[]"
        )


def kept_id(file: Path) -> str:
    """Return the name under which a tracker knows the run of a folder: made once, then kept.

    Args:
        file: Where it is kept.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(secrets.token_hex(4))  # No random numbers of the training's.
    return file.read_text().strip()
