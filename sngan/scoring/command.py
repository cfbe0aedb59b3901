"""What ``sngan-eval`` does, from its arguments to the lines it prints."""

import argparse
import json
import logging
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sngan import checkpoint
from sngan.cli import CONFIG_DIR, MENDABLE, compose
from sngan.console import errors_as_messages
from sngan.settings import check_evaluation

if TYPE_CHECKING:
    from sngan.scoring.sheet import ScoreSheet
    from sngan.scoring.trained import Trained

logger = logging.getLogger(__name__)

EXAMPLES = """examples:
  sngan-eval RUN_FOLDER
  sngan-eval runs/a runs/b runs/c                             seeds: mean, spread, interval
  sngan-eval RUN_FOLDER extractor=efficientnet_lite0 protocol=quick
  sngan-eval RUN_FOLDER metric=[kid,prdc,fid_infinity]
  sngan-eval --images DIR_OR_NPZ dataset=cifar10              pictures of others
  sngan-eval --images DIR reference=OTHER_DIR_OR_STATISTICS
  sngan-eval --real dataset=cifar10                           the data set itself
  torchrun --standalone --nproc-per-node 4 --no-python sngan-eval RUN_FOLDER
"""


def main() -> None:
    """Run ``sngan-eval``."""
    parser = _parser()
    options = parser.parse_intermixed_args()
    overrides = [word for word in options.arguments if "=" in word and not Path(word).exists()]
    paths = [Path(word) for word in options.arguments if word not in overrides]
    wanted = [bool(paths), options.images is not None, options.real, options.fetch_inception]
    if sum(wanted) != 1:
        parser.error(
            "name checkpoints or run folders, or one of --images, --real, --fetch-inception"
        )
    if options.best and not paths:
        parser.error("--best is for run folders")
    level = logging.WARNING if options.quiet else logging.INFO
    logging.basicConfig(level=level, format="%(message)s")
    with errors_as_messages(*MENDABLE):
        if options.fetch_inception:
            from sngan.extractor.inception_weights import fetch

            print(fetch())
        else:
            _evaluate(paths, overrides, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sngan-eval",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Inception score and FID, or another extractor's scores, of trained\n"
        "generators, of folders of pictures, and of real data.",
        epilog=f"{EXAMPLES}\nAll settings with their defaults: {CONFIG_DIR / 'evaluate.yaml'}",
    )
    parser.add_argument(
        "arguments",
        nargs="*",
        metavar="CHECKPOINT | KEY=VALUE",
        help="checkpoints, or run folders, whose newest one is meant; and settings",
    )
    parser.add_argument("--best", action="store_true", help="of run folders, score the best")
    parser.add_argument("--images", type=Path, help="score a folder of pictures, or an .npz file")
    parser.add_argument("--real", action="store_true", help="score the pictures of dataset=NAME")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument("--quiet", action="store_true", help="no progress, no estimates")
    parser.add_argument("--config-dir", type=Path, help="a folder with config groups of your own")
    parser.add_argument(
        "--fetch-inception", action="store_true", help="download the FID Inception, once"
    )
    return parser


def _evaluate(paths: Sequence[Path], overrides: Sequence[str], options: argparse.Namespace) -> None:
    """Check everything, then compute and print."""
    words = _words(paths, overrides, options)
    config = compose("evaluate", words, options.config_dir)
    check_evaluation(config, [word.lstrip("+") for word in words if word.startswith("+")])
    for path in paths:  # What is not there is said now, before the wait for PyTorch.
        checkpoint.choose(path, best=options.best)
    from sngan import build, workers
    from sngan.device import resolve_device, use_exact_float32
    from sngan.scoring import subjects
    from sngan.scoring.files import open_pictures
    from sngan.scoring.trained import read_trained, real_pictures

    real = None
    if config.get("dataset"):
        real = real_pictures(build.build_dataset(config), build.plain(config.dataset))
    elif options.real:
        raise ValueError("--real scores a data set: name it by dataset=NAME")
    if options.real and config.reference is not None:
        raise ValueError(
            f"--real compares a data set with itself, got reference={config.reference}"
        )
    pictures = None if options.images is None else open_pictures(options.images)
    of_checkpoint = [] if real else [word for word in overrides if _is_of_dataset(word)]
    trained = [read_trained(path, of_checkpoint, real, options.best) for path in paths]
    team, device_name = workers.join(config.device)
    if team.rank:  # The first process speaks for all.
        logging.getLogger().setLevel(logging.ERROR)
    use_exact_float32()
    scorer = build.build_scorer(config, resolve_device(device_name), team)
    against = None
    if config.reference is not None:
        path = Path(config.reference).expanduser()
        against = partial(scorer.of_path, path, config.reference_preset, config.allow_mismatch)

    if pictures is not None:
        sheets = subjects.of_pictures(scorer, pictures, against, real)
    elif options.real and real is not None:
        sheets = subjects.of_real(scorer, real)
    else:
        sheets = subjects.of_trained(scorer, trained, against, config.seed)
    _report(sheets, trained, options, is_speaker=not team.rank)
    team.leave()


def _words(
    paths: Sequence[Path], overrides: Sequence[str], options: argparse.Namespace
) -> list[str]:
    """Return the overrides of the command itself; others are for the data sets of checkpoints."""
    words = list(overrides)
    if paths and not any(word.startswith("dataset=") for word in words):
        words = [word for word in words if not _is_of_dataset(word)]
    if options.images and not any(word.startswith("protocol=") for word in words):
        words.append("protocol=[all]")
    return words


def _is_of_dataset(word: str) -> bool:
    return word.lstrip("+").startswith("dataset.")


def _report(
    sheets: "Iterable[ScoreSheet]",
    trained: "Sequence[Trained]",
    options: argparse.Namespace,
    is_speaker: bool,
) -> None:
    """Print and write each sheet as it comes, then what several trainings have in common."""
    from sngan.scoring.seeds import spreads_by_kind

    done: list[ScoreSheet] = []
    failure = None
    try:
        for sheet in sheets:  # In every process: the work is in taking the next one.
            done.append(sheet)
            if is_speaker and not options.json:
                print(sheet.summary(), flush=True)
            if is_speaker and sheet.checkpoint is not None:
                _write(sheet, sheet.checkpoint)
    except FloatingPointError as error:
        failure = error
    by_path = {sheet.checkpoint: sheet for sheet in done}
    scored = [(x.kind, x.seed, by_path[x.path]) for x in trained if x.path in by_path]
    spreads = spreads_by_kind(scored)
    if is_speaker and options.json:
        content = [sheet.to_json() for sheet in done], [spread.to_json() for spread in spreads]
        print(json.dumps(dict(zip(("scores", "trainings"), content, strict=True)), indent=2))
    elif is_speaker:
        for spread in spreads:
            print(spread.line())
        if len(scored) > 1 and not spreads:
            logger.info("no spread over trainings: no two of these differ in their seed alone")
    if failure is not None:
        raise failure


def _write(sheet: "ScoreSheet", checkpoint: Path) -> None:
    """Write a sheet; where that cannot be, what was said must do."""
    try:
        logger.info("written to %s", sheet.write(checkpoint))
    except OSError as error:
        logger.warning("the scores could not be written: %s", error)
