"""Where samples go and in which form; nothing that is there is lost unasked."""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, cast, get_args

from sngan.run_folder.choice import name_of
from sngan.run_folder.weights import Weights
from sngan.sampling.grid import FilmFormat

Format = Literal["grid", "png", "npz"] | FilmFormat
FILMS: tuple[FilmFormat, ...] = get_args(FilmFormat)
FORMATS: tuple[Format, ...] = ("grid", "png", "npz", *FILMS)

SUFFIX: dict[Format, str] = {
    "grid": ".png",
    "png": "",
    "npz": ".npz",
    **{form: f".{form}" for form in FILMS},
}
DIGITS = 5
"""Of a picture's number in the name of its file, or more where there are more pictures."""
OURS = re.compile(rf"\d{{{DIGITS},}}\.png")


@dataclass(frozen=True)
class Output:
    """What is written, and where.

    Attributes:
        path: The file or folder, absolute.
        form: Of it.
        fps: Frames per second, of a film.
    """

    path: Path
    form: Format
    fps: float

    @property
    def is_film(self) -> bool:
        """Whether it moves."""
        return self.form in FILMS

    @property
    def film(self) -> FilmFormat:
        """The form of a film."""
        return cast(FilmFormat, self.form)


def format_of(out: Path | None, wanted: Format | None, otherwise: Format = "grid") -> Format:
    """Return the form that a name says, or the one that is wanted.

    Raises:
        ValueError: If the name says none, or another.
    """
    if out is None:
        return wanted or otherwise
    suffix = out.suffix.lower()
    if wanted == "png" and suffix not in SUFFIX.values():
        return wanted  # A folder may be called anything else.
    for form in FORMATS:
        if suffix == SUFFIX[form] and wanted in (None, form):
            return form
    accepted = ".png (a grid), .npz, .gif, .webp, .mp4 (films) or no suffix (a folder)"
    if wanted is not None:
        accepted = f"{SUFFIX[wanted] or 'no suffix'} for --format {wanted}"
    raise ValueError(f"--out must end with {accepted}, got {out}")


def default_name(
    checkpoint: Path, form: Format, seed: int, task: str = "", weights: Weights | None = None
) -> Path:
    """Return a name in the current folder: whose, weights if named, seed, and what is made."""
    of_task = f"_{task}" if task else ""
    of_weights = "" if weights is None else f"_{weights}"
    return Path(f"{name_of(checkpoint)}{of_weights}_seed_{seed}{of_task}{SUFFIX[form]}")


def require_writer(form: Format) -> None:
    """Raise if a package is missing that writes a form.

    Raises:
        ValueError: Naming it.
    """
    if form == "mp4" and find_spec("imageio_ffmpeg") is None:
        raise ValueError(
            ".mp4 needs another package, .gif and .webp do not: in a checkout, "
            "pip install '.[video]'"
        )


def require_free(out: Path, form: Format, force: bool) -> None:
    """Raise unless samples can be written there and nothing else is lost.

    Args:
        out: The file or folder.
        form: What it will hold.
        force: Whether samples that are there may be replaced.

    Raises:
        FileExistsError: If something is there that may not.
    """
    is_folder = form == "png"
    if not out.exists() and not out.is_symlink():
        return
    if out.is_symlink() or out.is_dir() != is_folder or not (out.is_dir() or out.is_file()):
        wanted = "a folder" if is_folder else "a file"
        raise FileExistsError(f"--out must be {wanted} or a new name, got {out}, which is neither")
    inside = sorted(path.name for path in out.iterdir()) if is_folder else []
    if is_folder and not inside:
        return
    if others := [name for name in inside if not OURS.fullmatch(name)]:
        raise FileExistsError(f"{out} holds other things than samples, {others[0]}: name another")
    if not force:
        raise FileExistsError(f"{out} is there already: --force replaces it, --out names another")
