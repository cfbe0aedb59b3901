"""What ``sngan-sample`` does: pictures of a trained generator, as a grid, a folder or an array."""

import argparse
import logging
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

from annotated_types import Interval

from sngan.assembly.check import packages_of
from sngan.assembly.compose import CONFIGURATION_ERRORS
from sngan.assembly.paths import as_typed
from sngan.assembly.words import Word, parse
from sngan.commands.console import errors_as_messages, paths_and_words
from sngan.commands.sample_output import DIGITS, Format, default_name, format_of, require_free
from sngan.run_folder.choice import choose
from sngan.system.declared import Count, Positive, Seed, check

if TYPE_CHECKING:
    from sngan.sampling.picture_files import Batch

COUNT = 64
PER_CLASS = 8
EXAMPLES = """examples:
  sngan-sample RUN_FOLDER                                     a grid of 64
  sngan-sample RUN_FOLDER --best --count 100 --seed 1 --out grid.png
  sngan-sample RUN_FOLDER --classes 0,3,5                     a row of each
  sngan-sample CHECKPOINT --count 50000 --out samples.npz     for programs that compute FID
  sngan-sample CHECKPOINT --count 50000 --out samples         a folder of PNGs
"""


def main() -> None:
    """Run ``sngan-sample``."""
    parser = _parser()
    options = parser.parse_intermixed_args()
    paths, words = paths_and_words(options.arguments)
    if len(paths) != 1:
        parser.error(f"name one checkpoint or run folder, got {len(paths)}")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with errors_as_messages(*CONFIGURATION_ERRORS):
        _sample(paths[0], parse(as_typed(words)), options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sngan-sample",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Samples of a trained generator, the ones that sngan-eval scores with this "
        "seed:\nsample i depends on the seed and i alone.",
        epilog=EXAMPLES,
    )
    parser.add_argument(
        "arguments",
        nargs="+",
        metavar="CHECKPOINT | KEY=VALUE",
        help="a checkpoint, or a run folder, whose newest one is meant; and trust=[PACKAGE], whose "
        "components it may name, or if_damaged=previous",
    )
    parser.add_argument("--best", action="store_true", help="of a run folder, take the best")
    parser.add_argument(
        "--count", type=int, help=f"how many (default: {COUNT}, or {PER_CLASS} of each class named)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the noise (default: 0)")
    parser.add_argument(
        "--classes",
        metavar="N[,N...]",
        help="classes by number; several take turns and have a row each in a grid (default: drawn)",
    )
    parser.add_argument(
        "--truncation", type=float, metavar="PSI", help="draw normal noise beyond it anew"
    )
    parser.add_argument(
        "--interpolate",
        choices=["linear", "spherical"],
        help="a grid whose rows lead from one sample to the next",
    )
    parser.add_argument("--columns", type=int, help="of a grid (default: as many as rows)")
    parser.add_argument(
        "--out", type=Path, help="the file or folder (default: here, named after run and step)"
    )
    parser.add_argument(
        "--format",
        choices=get_args(Format),
        help="one PNG with all, a folder of PNGs, or one .npz (default: as --out says, or grid)",
    )
    parser.add_argument("--force", action="store_true", help="replace samples that are there")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 (default: auto)")
    return parser


def _sample(path: Path, words: Sequence[Word], options: argparse.Namespace) -> None:
    """Check what can be before the wait for PyTorch; then sample, and say what came of it."""
    trust, if_damaged = _settings(words)
    check("--seed", Seed, options.seed)
    check("--truncation", Positive | None, options.truncation)
    form = format_of(options.out, options.format)
    wanted = [] if options.classes is None else options.classes.split(",")
    if options.interpolate:
        count, columns = _rows(options, form)
    else:
        count = _count(options.count, form, len(wanted))
        columns = _columns(options.columns, form, count, len(wanted))
    chosen = choose(path, best=options.best, if_damaged=if_damaged).path
    out = options.out or default_name(chosen, form, options.seed)
    require_free(out, form, options.force)
    from sngan.assembly.trained import read_trained
    from sngan.sampling.classes import class_numbers
    from sngan.sampling.interpolation import interpolated
    from sngan.sampling.picture_files import write_grid
    from sngan.sampling.series import Draw, in_rows, samples
    from sngan.system.device import resolve_device, use_exact_float32

    device = resolve_device(options.device)
    use_exact_float32()
    trained = read_trained(path if options.best else chosen, None, None, options.best, trust)
    classes = class_numbers("--classes", wanted, trained.generator.n_classes)
    draw = Draw(options.seed, device, classes, options.truncation)
    generator = trained.generator.to(device)
    if options.interpolate:
        rows = interpolated(generator, options.interpolate, count // columns, columns, draw)
        write_grid(out.absolute(), in_rows(rows), columns)
    else:
        _write(out.absolute(), form, samples(generator, count, draw), count, columns, len(classes))
    source = f"{trained.path}, step {trained.step}, seed {options.seed}"
    print(f"{count:,} samples of {source}: {out}")


def _write(
    out: Path, form: Format, batches: "Iterable[Batch]", count: int, columns: int, n_classes: int
) -> None:
    """Write samples as they are made; a grid needs all of them."""
    from sngan.sampling.picture_files import write_array, write_folder, write_grid
    from sngan.sampling.series import in_rows

    if form == "grid":
        write_grid(out, in_rows(batches, n_classes), columns)
    elif form == "npz":
        write_array(out, batches, count)
    else:
        write_folder(out, batches, max(DIGITS, len(str(count - 1))))


def _settings(words: Iterable[Word]) -> tuple[tuple[str, ...], str]:
    """Return whom to trust, and what to do where a checkpoint is damaged."""
    trust: tuple[str, ...] = ()
    if_damaged = "refuse"
    for word in words:
        if word.key == "trust":
            trust += packages_of([word])
        elif word.key == "if_damaged":
            if_damaged = word.value
        else:
            raise ValueError(
                f"{word} is not for this command; its settings are trust=[PACKAGE] and "
                "if_damaged=previous"
            )
    return trust, if_damaged


def _rows(options: argparse.Namespace, form: Format) -> tuple[int, int]:
    """Return how many pictures an interpolation has in all, and in a row."""
    if form != "grid":
        raise ValueError(f"--interpolate is for grids, got {form}")
    columns = PER_CLASS if options.columns is None else options.columns
    check("--columns", Annotated[int, Interval(ge=2, le=1000)], columns)
    count = PER_CLASS * columns if options.count is None else options.count
    check("--count", Count, count)
    if count % columns:
        raise ValueError(f"--count must be a multiple of {columns}, the columns, got {count}")
    return count, columns


def _count(given: int | None, form: Format, n_classes: int) -> int:
    """Return how many samples are wanted, of all classes together."""
    if given is None:
        return PER_CLASS * n_classes if n_classes > 1 else COUNT
    check("--count", Count, given)
    if form == "grid" and n_classes and given % n_classes:
        raise ValueError(
            f"--count must be a multiple of {n_classes} for a grid with a row for each of "
            f"{n_classes} classes, got {given}"
        )
    return given


def _columns(given: int | None, form: Format, count: int, n_classes: int) -> int:
    """Return how many pictures stand in a row of a grid."""
    if given is not None and (form != "grid" or n_classes > 1):
        where = "one whose rows are classes" if form == "grid" else form
        raise ValueError(f"--columns is for grids of one class or any, got {given} for {where}")
    if n_classes > 1:
        return count // n_classes
    return int(check("--columns", Count, math.ceil(count**0.5) if given is None else given))
