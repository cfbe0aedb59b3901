"""Frames into films that browsers and slides show, each file whole or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from sngan.sampling.grid import WHITE, FilmFormat, Frame
from sngan.system.files import written_whole


def read_frames(paths: Sequence[Path]) -> list[Frame]:
    """Return pictures as the frames of a film.

    Raises:
        ValueError: If they are not of one size, or one cannot be read.
    """
    frames = []
    for path in paths:
        try:
            with Image.open(path) as picture:
                frames.append(np.asarray(picture.convert("RGB")))
        except OSError as error:
            raise ValueError(f"{path} is not a picture that can be read: {error}") from error
        if frames[-1].shape != frames[0].shape:
            raise ValueError(
                f"all pictures of a film must be of one size, {paths[0]} is {_size(frames[0])} and "
                f"{path} {_size(frames[-1])}"
            )
    return frames


def _size(frame: Frame) -> str:
    height, width, _ = frame.shape
    return f"{width} x {height}"


def write_film(
    path: Path, form: FilmFormat, frames: Iterable[Frame], fps: float, held: int = 1
) -> None:
    """Write frames into one file; it begins anew at its end, where that is the reader's choice.

    Args:
        path: The file; its folder is made when missing.
        form: Of the file.
        frames: At least one, all of one size.
        fps: Frames per second.
        held: For how many frames the last one stays.
    """
    with written_whole(path) as temporary:
        if form == "mp4":
            _write_video(temporary, iter(frames), fps, held)
        else:
            _write_animation(temporary, form, frames, fps, held)


def _write_animation(
    path: Path, form: FilmFormat, frames: Iterable[Frame], fps: float, held: int
) -> None:
    first, *others = (Image.fromarray(frame) for frame in frames)
    milliseconds = [round(1000 / fps)] * len(others) + [round(1000 * held / fps)]
    how = {"lossless": True} if form == "webp" else {}
    first.save(
        path,
        format=form.upper(),
        save_all=True,
        append_images=others,
        duration=milliseconds,
        loop=0,  # Without an end.
        **how,
    )


def _write_video(path: Path, frames: Iterator[Frame], fps: float, held: int) -> None:
    """Write H.264, which every player knows; it wants even sides."""
    from imageio_ffmpeg import write_frames

    first = _even(next(frames))
    height, width, _ = first.shape
    writer = write_frames(
        path,
        (width, height),
        fps=fps,
        codec="libx264",
        macro_block_size=1,
        output_params=["-f", "mp4"],  # The temporary name does not say it.
    )
    writer.send(None)
    for frame in chain([first], map(_even, frames)):
        writer.send(np.ascontiguousarray(frame))
    for _ in range(held - 1):
        writer.send(np.ascontiguousarray(frame))
    writer.close()


def _even(frame: Frame) -> Frame:
    height, width, _ = frame.shape
    padding = ((0, height % 2), (0, width % 2), (0, 0))
    return np.pad(frame, padding, constant_values=WHITE)
