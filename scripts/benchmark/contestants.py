"""Who takes part in a race."""

from functools import partial

from scripts.benchmark.mimicry import MimicryIteration
from scripts.benchmark.options import Options
from scripts.benchmark.ours import step_of, words_of
from scripts.benchmark.plain import PlainIteration
from scripts.benchmark.race import Contestant
from scripts.benchmark.task import Task

PLAIN = "plain"
MIMICRY = "mimicry"


def peers(task: Task, options: Options) -> list[Contestant]:
    """Return the programs of others that can do a task."""
    device, package = options.device, options.mimicry
    found = [Contestant(PLAIN, partial(PlainIteration, task, device))]
    if package is not None and task.network == "resnet":
        found.append(Contestant(MIMICRY, partial(MimicryIteration, task, device, package)))
    return found


def ours(task: Task, mode: str, options: Options, *words: str, name: str = "") -> Contestant:
    """Return one of ours.

    Args:
        task: What to train on what.
        mode: A name of `scripts.benchmark.ours.MODES`.
        options: Say where.
        words: Further ones of the command line.
        name: What tables call it, if not by its mode.
    """
    complete = words_of(task, mode, *words)
    return Contestant(name or mode, partial(step_of, complete, options.device))


def left_out(options: Options) -> list[str]:
    """Say who might have taken part and does not."""
    if "resnet" not in options.networks:
        return ["mimicry: it has no network like the CNN of Table 3"]
    if options.mimicry is None:
        return ["mimicry: torch_mimicry is not installed, and --mimicry was not given"]
    return []
