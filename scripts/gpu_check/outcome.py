"""What a part of the check came to."""

from dataclasses import dataclass, field
from typing import Any, Literal

from scripts.gpu_check.process import Finished

Status = Literal["passed", "failed", "cut off", "skipped"]


@dataclass(frozen=True)
class Outcome:
    """The result of a part.

    Attributes:
        status: ``cut off`` is what a time limit left unfinished; ``skipped`` ran nothing.
        summary: A sentence for people.
        results: Numbers, for programs.
        tail: The end of the output, of a part that did not pass.
    """

    status: Status
    summary: str
    results: dict[str, Any] = field(default_factory=dict)
    tail: str = ""


def status_of(finished: Finished, accepted: tuple[int, ...] = (0,)) -> Status:
    """Return what a command's end means."""
    if finished.code in accepted:
        return "passed"
    return "cut off" if finished.cut_off else "failed"
