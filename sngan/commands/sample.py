"""What ``sngan-sample`` does: pictures of a trained generator, as a grid, files or a film."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from sngan.assembly.compose import CONFIGURATION_ERRORS, compose, plain, under_typed_name
from sngan.assembly.paths import as_typed
from sngan.assembly.words import Word, parse
from sngan.commands.console import errors_as_messages, paths_and_words
from sngan.commands.sample_output import (
    Format,
    Output,
    default_name,
    format_of,
    require_free,
    require_writer,
)
from sngan.commands.sample_parser import build_parser
from sngan.commands.sample_words import Layout, layout_of, settings_of
from sngan.run_folder.choice import choose
from sngan.run_folder.folder import RunFolder

SECONDS_TO_LOOK = 2
"""At what came of a training, before its film begins anew."""


def main() -> None:
    """Run ``sngan-sample``."""
    parser = build_parser()
    options = parser.parse_intermixed_args()
    paths, settings = paths_and_words(options.arguments)
    if len(paths) != 1:
        parser.error(f"name one checkpoint or run folder, got {len(paths)}")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with errors_as_messages(*CONFIGURATION_ERRORS):
        _run(paths[0], parse(as_typed(settings)), options)


def _run(path: Path, words: Sequence[Word], options: argparse.Namespace) -> None:
    trust, if_damaged, about = settings_of(words, has_data=options.nearest is not None)
    form = format_of(options.out, options.format, "gif" if options.training else "grid")
    wanted = [] if options.classes is None else options.classes.split(",")
    layout = layout_of(options, form, len(wanted))
    require_writer(form)
    if options.training:
        _show_training(path, form, options)
        return
    chosen = choose(path, best=options.best, if_damaged=if_damaged).path
    name = default_name(chosen, form, options.seed, _task(options), options.weights)
    output = _output(options, name, form)
    source = path if options.best else chosen
    said = _sample(source, output, layout, wanted, (trust, about), options)
    print(f"{said}: {options.out or output.path.name}")


def _task(options: argparse.Namespace) -> str:
    """Return a word for what is made besides samples."""
    return "nearest" if options.nearest is not None else options.interpolate or ""


def _output(options: argparse.Namespace, default: Path, form: Format) -> Output:
    out = options.out or default
    require_free(out, form, options.force)
    return Output(out.absolute(), form, options.fps)


def _show_training(path: Path, form: Format, options: argparse.Namespace) -> None:
    """Write the film of a run's grids; PyTorch has nothing to do with it."""
    run = RunFolder(path)
    if not run.is_run:
        raise FileNotFoundError(f"--training is for run folders, {path} is none")
    grids = run.grids_of(options.weights or ("average" if run.grids_of("average") else "raw"))
    if not grids:
        where = run.grid(0, options.weights or "raw").parent.relative_to(run)
        raise FileNotFoundError(f"{path} has no grids yet, in {where}/")
    output = _output(options, Path(f"{run.path.absolute().name}_training.{form}"), form)
    from sngan.sampling.film_files import read_frames, write_film

    frames = read_frames(grids)
    held = max(1, round(SECONDS_TO_LOOK * options.fps))
    write_film(output.path, output.film, frames, options.fps, held)
    print(f"{_counted(len(frames), 'grid')} of {path}: {options.out or output.path.name}")


def _sample(
    path: Path,
    output: Output,
    layout: Layout,
    wanted: Sequence[str],
    words: tuple[tuple[str, ...], list[Word]],
    options: argparse.Namespace,
) -> str:
    """Write samples and return what they are.

    Args:
        path: A checkpoint, or a run folder for its best.
        output: Where to.
        layout: How many.
        wanted: Classes, as they were typed.
        words: Whom to trust, and what was said about data and extractor.
        options: Of the command line.
    """
    trust, about = words
    of_extractor = [str(word) for word in about if word.sets("extractor")]
    of_dataset = [str(word) for word in about if not word.sets("extractor")]
    config = compose("evaluate", of_extractor)
    from sngan.assembly.trained import read_trained
    from sngan.commands import sample_writing
    from sngan.sampling.classes import class_numbers
    from sngan.sampling.series import Draw
    from sngan.system.device import resolve_device
    from sngan.system.float32 import use_exact_float32

    device = resolve_device(options.device)
    use_exact_float32()
    of_data = None if options.nearest is None else of_dataset
    trained = read_trained(path, of_data, None, options.best, trust, weights=options.weights)
    trained.generator.to(device)
    n_classes = trained.generator.n_classes
    classes = class_numbers("--classes", wanted, n_classes, trained.class_names)
    draw = Draw(options.seed, device, classes, options.truncation)
    if options.nearest is not None:
        with under_typed_name(config):
            settings = plain(config) if of_extractor else None
            sample_writing.with_nearest(output, layout, trained, draw, settings)
    elif options.interpolate:
        sample_writing.ways(output, layout, trained.generator, options.interpolate, draw)
    else:
        sample_writing.samples_only(output, layout, trained.generator, draw)
    what = f"{_counted(layout.count, 'way')} between samples"
    what = what if output.is_film else _counted(layout.count, "sample")
    return f"{what} of {trained.name}, seed {options.seed}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
