"""The command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from scripts.benchmark.mimicry import find_mimicry
from scripts.benchmark.ours import MODES
from scripts.benchmark.task import Network, Task
from sngan.system.declared import Width, check
from sngan.system.device import resolve_device

NETWORKS: tuple[Network, ...] = ("cnn", "resnet")


@dataclass(frozen=True)
class Options:
    """What to measure, and how carefully.

    Attributes:
        device: Where.
        networks: Pairs to train.
        n_dis: Discriminator updates per iteration, a table for each.
        modes: Names of `scripts.benchmark.ours.MODES`.
        task: Batch size, width, image size and workers; the rest is set by each table.
        rounds: Timed blocks of each contestant.
        block_seconds: About how long a block takes.
        setting: The setting under which methods are compared.
        mimicry: torch-mimicry's package folder, or None to leave it out.
        quick: Whether to shrink tables to where they only show that everything works.
    """

    device: torch.device
    networks: tuple[Network, ...] = NETWORKS
    n_dis: tuple[int, ...] = (1, 5)
    modes: tuple[str, ...] = ("exact", "fast")
    task: Task = field(default_factory=lambda: Task("cnn"))
    rounds: int = 5
    block_seconds: float = 1.0
    setting: str = "A"
    mimicry: Path | None = None
    quick: bool = False


@dataclass(frozen=True)
class Request:
    """A parsed command line.

    Attributes:
        sections: Names of sections, in the order to run them.
        options: For all of them.
        output: The JSON file; the page lies beside it.
    """

    sections: tuple[str, ...]
    options: Options
    output: Path


def parse(words: Sequence[str] | None, sections: Sequence[str]) -> Request:
    """Parse a command line, and set the number of threads.

    Args:
        words: Of the command line; None for the program's own.
        sections: Names that are accepted.
    """
    parser = _parser(sections)
    given = parser.parse_args(words)
    try:
        device = resolve_device(given.device)
        mimicry = find_mimicry(given.mimicry)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    if given.threads:
        torch.set_num_threads(given.threads)
    options = Options(
        device=device,
        networks=tuple(given.networks),
        n_dis=tuple(given.n_dis),
        modes=tuple(given.modes),
        task=Task("cnn", batch_size=given.batch_size, width=given.width, workers=given.workers),
        rounds=given.rounds,
        block_seconds=given.block_seconds,
        setting=given.setting,
        mimicry=mimicry,
    )
    return Request(
        tuple(given.sections or sections), quick(options) if given.quick else options, given.output
    )


def quick(options: Options) -> Options:
    """Return options under which everything runs in seconds; the numbers mean nothing."""
    task = replace(options.task, batch_size=4, width=0.0625)
    return replace(options, quick=True, n_dis=(1,), task=task, rounds=2, block_seconds=0.01)


def _parser(sections: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.benchmark", description="Time whole training iterations."
    )
    add = parser.add_argument
    add("sections", nargs="*", choices=[*sections, []], help=f"of {', '.join(sections)}; all")
    add("--output", type=Path, default=Path("runs/benchmark.json"), help="JSON; a page beside it")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1")
    add("--threads", type=_positive, help="of PyTorch on the CPU; its own choice otherwise")
    add("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    add("--n-dis", nargs="+", type=_positive, default=(1, 5), metavar="N")
    add("--modes", nargs="+", choices=tuple(MODES), default=("exact", "fast"))
    add("--batch-size", type=_positive, default=64)
    add("--width", type=_width, default=1.0, help="factor on the channels")
    add("--workers", type=_positive, default=2, help="that read pictures for other programs")
    add("--rounds", type=_positive, default=5, help="timed blocks of each contestant")
    add("--block-seconds", type=float, default=1.0, help="length of a block, about")
    add("--setting", default="A", help="of Table 1, under which methods are compared")
    add("--mimicry", type=Path, metavar="DIR", help="holds torch_mimicry, if Python cannot find it")
    add("--quick", action="store_true", help="see that it works; the numbers mean nothing")
    return parser


def _width(word: str) -> float:
    try:
        return check("--width", Width, float(word))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"must be a positive number, got {word}")
    return int(word)
