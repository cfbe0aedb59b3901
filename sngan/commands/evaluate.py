"""What ``sngan-eval`` does, from its arguments to the lines it prints."""

import argparse
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from sngan.assembly.check import check_evaluation
from sngan.assembly.compose import (
    CONFIG_DIR,
    CONFIGURATION_ERRORS,
    compose,
    plain,
    under_typed_name,
)
from sngan.assembly.paths import as_typed
from sngan.assembly.words import Word, parse
from sngan.commands.console import errors_as_messages, paths_and_words, send_nothing_home
from sngan.commands.evaluate_onnx import add_onnx_options, open_onnx, take_onnx
from sngan.commands.parser import Parser
from sngan.run_folder.choice import choose
from sngan.run_folder.exported import is_weights
from sngan.run_folder.weights import Weights

if TYPE_CHECKING:
    from sngan.scoring.sheet import ScoreSheet
    from sngan.scoring.subjects import Trained

logger = logging.getLogger(__name__)

EXAMPLES = """examples:
  sngan-eval RUN_FOLDER
  sngan-eval runs/a runs/b runs/c                             seeds: mean, spread, interval
  sngan-eval RUN_FOLDER extractor=efficientnet_lite0 protocol=quick
  sngan-eval RUN_FOLDER 'metric=[kid,prdc,fid_infinity]'
  sngan-eval --images DIR_OR_NPZ dataset=cifar10              pictures of others
  sngan-eval --images DIR reference=OTHER_DIR_OR_STATISTICS
  sngan-eval FILE.onnx dataset=cifar10                        a generator of others
  sngan-eval --real dataset=cifar10                           the data set itself
  torchrun --standalone --nproc-per-node 4 --no-python sngan-eval RUN_FOLDER
"""


def main() -> None:
    """Run ``sngan-eval``."""
    send_nothing_home()
    parser = build_parser()
    options = parser.parse_intermixed_args()
    paths, settings = paths_and_words(options.arguments)
    options.onnx = options.onnx or take_onnx(paths)
    others = [options.images is not None, options.onnx is not None, options.real]
    if sum([bool(paths), *others, options.fetch_inception]) != 1:
        parser.error(
            "name checkpoints or run folders, or one of --images, --onnx, --real, --fetch-inception"
        )
    if options.onnx is None and (options.noise, options.n_classes) != (None, None):
        parser.error("--noise and --n-classes are for ONNX files")
    if options.best and not paths:
        parser.error("--best is for run folders")
    if options.weights and not paths:
        parser.error("--weights is for checkpoints and run folders")
    level = logging.WARNING if options.quiet else logging.INFO
    logging.basicConfig(level=level, format="%(message)s")
    with errors_as_messages(*CONFIGURATION_ERRORS):
        if options.fetch_inception:
            from sngan.extractor.parts.inception_weights import fetch

            print(fetch())
        else:
            _evaluate(paths, parse(as_typed(settings)), options)


def build_parser() -> Parser:
    """Build what reads the command line."""
    parser = Parser(
        prog="sngan-eval",
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
    parser.add_argument(
        "--weights",
        choices=[*get_args(Weights), "both"],
        help="of checkpoints, the raw weights or their average (default: the average, if there is "
        "one)",
    )
    parser.add_argument("--images", type=Path, help="score a folder of pictures, or an .npz file")
    add_onnx_options(parser)
    parser.add_argument("--real", action="store_true", help="score the pictures of dataset=NAME")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument("--quiet", action="store_true", help="no progress, no estimates")
    parser.add_argument("--config-dir", type=Path, help="a folder with config groups of your own")
    parser.add_argument(
        "--fetch-inception", action="store_true", help="download the FID Inception, once"
    )
    return parser


def _evaluate(paths: Sequence[Path], words: Sequence[Word], options: argparse.Namespace) -> None:
    """Check everything, then compute and print."""
    own = _own_words(paths, words, options)
    config = compose("evaluate", [*map(str, own)], options.config_dir)
    check_evaluation(config, own)
    if options.onnx is not None and not options.onnx.is_file():
        raise FileNotFoundError(f"there is no file {options.onnx}")
    for path in paths:  # What is not there is said now, before the wait for PyTorch.
        choose(path, best=options.best, if_damaged=config.if_damaged)
    with under_typed_name(config):
        _score(paths, [str(word) for word in words if word not in own], plain(config), options)


def _score(
    paths: Sequence[Path],
    of_checkpoints: Sequence[str],
    settings: Mapping[str, Any],
    options: argparse.Namespace,
) -> None:
    """Score what was asked for and say what came out.

    Args:
        paths: Checkpoints or run folders.
        of_checkpoints: Words about the data sets of these.
        settings: Of the evaluation.
        options: Of the command line.
    """
    from sngan.assembly.component import component
    from sngan.assembly.scorer import build_scorer
    from sngan.assembly.trained import read_trained, real_pictures
    from sngan.scoring import subjects
    from sngan.scoring.picture_files import open_pictures
    from sngan.scoring.source import Samples
    from sngan.system import workers
    from sngan.system.device import resolve_device
    from sngan.system.float32 import use_exact_float32

    real = None
    if settings.get("dataset"):
        real = real_pictures(component(settings["dataset"], "dataset"), settings["dataset"])
    elif options.real:
        raise ValueError("--real scores a data set: name it by dataset=NAME")
    if options.real and settings["reference"] is not None:
        raise ValueError(
            f"--real compares a data set with itself, got reference={settings['reference']}"
        )
    if settings["reference"] is not None and of_checkpoints:
        raise ValueError(
            f"reference={settings['reference']} stands in for the data set of checkpoints, "
            f"got {' '.join(of_checkpoints)}"
        )
    pictures = None if options.images is None else open_pictures(options.images)
    generator = None if options.onnx is None else open_onnx(options)
    own = None if settings["reference"] is not None else of_checkpoints
    how = options.best, settings["trust"], settings["if_damaged"]
    chosen = get_args(Weights) if options.weights == "both" else [options.weights]
    trained = [read_trained(path, own, real, *how, which) for path in paths for which in chosen]
    team, device_name = workers.join(settings["device"])
    if team.rank:  # The first process speaks for all.
        logging.getLogger().setLevel(logging.ERROR)
    use_exact_float32()
    scorer = build_scorer(settings, resolve_device(device_name), team)
    against = None
    if settings["reference"] is not None:
        path = Path(settings["reference"]).expanduser()
        preset, allow_mismatch = settings["reference_preset"], settings["allow_mismatch"]
        against = partial(scorer.of_path, path, preset, allow_mismatch)

    if pictures is not None:
        sheets = subjects.of_pictures(scorer, pictures, against, real)
    elif generator is not None:
        samples = Samples(generator, settings["seed"], scorer.device, generator.title)
        sheets = subjects.of_generator(scorer, samples, settings["seed"], against, real)
    elif options.real and real is not None:
        sheets = subjects.of_real(scorer, real)
    else:
        sheets = subjects.of_trained(scorer, trained, against, settings["seed"])
    _report(sheets, trained, options, is_speaker=not team.rank)
    team.leave()


def _own_words(
    paths: Sequence[Path], words: Sequence[Word], options: argparse.Namespace
) -> list[Word]:
    """Return the words of the command itself; others are for the data sets of checkpoints."""
    own = list(words)
    if paths and not any(word.key == "dataset" for word in words):
        own = [word for word in own if not word.sets("dataset")]
    if options.images and not any(word.key == "protocol" for word in words):
        own += parse(["protocol=[all]"])
    return own


def _report(
    sheets: "Iterable[ScoreSheet]",
    trained: "Sequence[Trained]",
    options: argparse.Namespace,
    is_speaker: bool,
) -> None:
    """Write each sheet as it comes, then print all, and what several trainings have in common."""
    from sngan.scoring.seeds import spreads_by_kind
    from sngan.scoring.table import table

    done: list[ScoreSheet] = []
    failure = None
    try:
        for sheet in sheets:  # In every process: the work is in taking the next one.
            done.append(sheet)
            if is_speaker and sheet.checkpoint is not None:
                _write(sheet, sheet.checkpoint)
    except Exception as error:  # What was scored before is said all the same.
        failure = error
    by_name = {(sheet.checkpoint, sheet.weights): sheet for sheet in done}
    found = [(x.kind, x.seed, by_name.get((x.path, x.weights))) for x in trained]
    scored = [(kind, seed, sheet) for kind, seed, sheet in found if sheet is not None]
    spreads = spreads_by_kind(scored)
    if is_speaker and options.json:
        content = [sheet.to_json() for sheet in done], [spread.to_json() for spread in spreads]
        print(json.dumps(dict(zip(("scores", "trainings"), content, strict=True)), indent=2))
    elif is_speaker:
        if done:
            print(table(done, spreads))
        if len({x.path for x in trained}) > 1 and len(scored) > 1 and not spreads:
            logger.info("no spread over trainings: no two of these differ in their seed alone")
    if failure is not None:
        raise failure


def _write(sheet: "ScoreSheet", checkpoint: Path) -> None:
    """Write a sheet; where that cannot be, what was said must do."""
    try:
        logger.info("written to %s", sheet.write(checkpoint))
        if is_weights(checkpoint):
            from sngan.sharing.folder import renew_scores

            if (page := renew_scores(checkpoint)) is not None:
                logger.info("its page says so: %s", page)
    except OSError as error:
        logger.warning("the scores could not be written: %s", error)
