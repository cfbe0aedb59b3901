"""What ``sngan-sample`` does: pictures of a trained generator, as a grid, a folder or an array."""

import argparse
import logging
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from sngan.assembly.check import packages_of
from sngan.assembly.compose import CONFIGURATION_ERRORS
from sngan.assembly.paths import as_typed
from sngan.assembly.words import Word, parse
from sngan.commands.console import errors_as_messages, paths_and_words
from sngan.commands.sample_output import DIGITS, Format, default_name, format_of, require_free
from sngan.run_folder.choice import choose
from sngan.system.declared import Count, Seed, check

if TYPE_CHECKING:
    from sngan.sampling.picture_files import Batch

COUNT = 64
EXAMPLES = """examples:
  sngan-sample RUN_FOLDER                                     a grid of 64
  sngan-sample RUN_FOLDER --best --count 100 --seed 1 --out grid.png
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
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many (default: {COUNT})")
    parser.add_argument("--seed", type=int, default=0, help="of the noise (default: 0)")
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
    check("--count", Count, options.count)
    form = format_of(options.out, options.format)
    columns = _columns(options, form)
    chosen = choose(path, best=options.best, if_damaged=if_damaged).path
    out = options.out or default_name(chosen, form, options.seed)
    require_free(out, form, options.force)
    from sngan.assembly.trained import read_trained
    from sngan.sampling.series import samples
    from sngan.system.device import resolve_device, use_exact_float32

    device = resolve_device(options.device)
    use_exact_float32()
    trained = read_trained(path if options.best else chosen, None, None, options.best, trust)
    trained.generator.to(device)
    batches = samples(trained.generator, options.count, options.seed, device)
    _write(out.absolute(), form, batches, options.count, columns)
    source = f"{trained.path}, step {trained.step}, seed {options.seed}"
    print(f"{options.count:,} samples of {source}: {out}")


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


def _columns(options: argparse.Namespace, form: Format) -> int:
    """Return how many pictures stand in a row of a grid."""
    if options.columns is None:
        return math.ceil(options.count**0.5)
    if form != "grid":
        raise ValueError(f"--columns is for grids, got --columns {options.columns} for {form}")
    return int(check("--columns", Count, options.columns))


def _write(out: Path, form: Format, batches: "Iterable[Batch]", count: int, columns: int) -> None:
    """Write samples as they are made; a grid needs all of them."""
    import torch

    from sngan.sampling import picture_files

    if form == "npz":
        picture_files.write_array(out, batches, count)
    elif form == "png":
        picture_files.write_folder(out, batches, max(DIGITS, len(str(count - 1))))
    else:
        images = torch.cat([batch.images for batch in batches])
        picture_files.write_grid(out, images, columns)
