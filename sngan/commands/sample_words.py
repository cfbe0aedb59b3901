"""What ``sngan-sample`` may be told, and what that makes of each other."""

import argparse
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

from sngan.assembly.check import packages_of
from sngan.assembly.words import Word
from sngan.commands.sample_output import FILMS, Format
from sngan.system.declared import Count, Positive, Seed, check

COUNT = 64
PER_CLASS = 8
IN_FILM = 16
FRAMES = 24
FPS = 12


@dataclass(frozen=True)
class Layout:
    """How many pictures there are, and where they stand.

    Attributes:
        count: Of samples, or of ways from one to another in a film; in a grid of ways, pictures.
        columns: Of a grid.
        frames: Of a film, from one sample to the next.
    """

    count: int
    columns: int
    frames: int = 1


def layout_of(options: argparse.Namespace, form: Format, n_classes: int) -> Layout:
    """Return what the options make of each other.

    Args:
        options: Of the command line.
        form: What is written.
        n_classes: How many were named.

    Raises:
        ValueError: If one is not accepted, or not with another.
    """
    check("--seed", Seed, options.seed)
    check("--truncation", Positive | None, options.truncation)
    check("--fps", Annotated[float, Interval(ge=0.1, le=100)], options.fps)
    tasks = ("interpolate", "training", "nearest")
    if len(wanted := [name for name in tasks if getattr(options, name)]) > 1:
        raise ValueError(f"--{' and --'.join(wanted)} exclude each other")
    is_film = form in FILMS
    if is_film and not options.interpolate and not options.training:
        raise ValueError(f"a film is for --interpolate and --training, got {form}")
    if options.frames is not None and not (is_film and options.interpolate):
        raise ValueError(f"--frames is for films of --interpolate, got {options.frames}")
    if options.training:
        return _of_training(options, form)
    if options.nearest is not None:
        return _with_nearest(options, form)
    if options.interpolate:
        return _film(options) if is_film else _rows(options, form)
    count = _count(options.count, form, n_classes)
    return Layout(count, _columns(options.columns, form, count, n_classes))


def settings_of(
    words: Iterable[Word], *, has_data: bool
) -> tuple[tuple[str, ...], str, list[Word]]:
    """Return whom to trust, what to do where a checkpoint is damaged, and words about data.

    Args:
        words: What was typed besides options.
        has_data: Whether training pictures are looked at, with an extractor perhaps.

    Raises:
        ValueError: If a word is not for this command.
    """
    trust: tuple[str, ...] = ()
    if_damaged = "refuse"
    others: list[Word] = []
    for word in words:
        if word.key == "trust":
            trust += packages_of([word])
        elif word.key == "if_damaged":
            if_damaged = word.value
        elif has_data and (word.sets("extractor") or word.sets("dataset")):
            others.append(word)
        else:
            more = " and, with --nearest, extractor=NAME and dataset.KEY=VALUE"
            raise ValueError(
                f"{word} is not for this command; its settings are 'trust=[PACKAGE]', "
                f"if_damaged=previous{more}"
            )
    return trust, if_damaged, others


def _of_training(options: argparse.Namespace, form: Format) -> Layout:
    if form not in FILMS:
        raise ValueError(f"--training is for films ({', '.join(FILMS)}), got {form}")
    for name in ("count", "classes", "truncation", "columns"):
        if (given := getattr(options, name)) is not None:
            raise ValueError(f"--{name} is not for --training, whose grids are there, got {given}")
    return Layout(0, 0)


def _with_nearest(options: argparse.Namespace, form: Format) -> Layout:
    if form != "grid":
        raise ValueError(f"--nearest is for grids, got {form}")
    if options.columns is not None:
        raise ValueError(f"--columns is not for --nearest, which says it, got {options.columns}")
    k = check("--nearest", Annotated[int, Interval(ge=1, le=100)], options.nearest)
    count = PER_CLASS if options.count is None else options.count
    return Layout(check("--count", Count, count), k + 2)


def _film(options: argparse.Namespace) -> Layout:
    count = check("--count", Count, IN_FILM if options.count is None else options.count)
    frames = FRAMES if options.frames is None else options.frames
    check("--frames", Annotated[int, Interval(ge=2, le=10_000)], frames)
    return Layout(count, _columns(options.columns, "grid", count, 0), frames)


def _rows(options: argparse.Namespace, form: Format) -> Layout:
    """Return how many pictures an interpolation has in all, and in a row."""
    if form != "grid":
        raise ValueError(f"--interpolate is for grids and films, got {form}")
    columns = PER_CLASS if options.columns is None else options.columns
    check("--columns", Annotated[int, Interval(ge=2, le=1000)], columns)
    count = PER_CLASS * columns if options.count is None else options.count
    check("--count", Count, count)
    if count % columns:
        raise ValueError(f"--count must be a multiple of {columns}, the columns, got {count}")
    return Layout(count, columns)


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
