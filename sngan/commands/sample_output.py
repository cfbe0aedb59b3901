"""Where samples go and in which form; nothing that is there is lost unasked."""

import re
from pathlib import Path
from typing import Literal, get_args

from sngan.run_folder.choice import run_of

Format = Literal["grid", "png", "npz"]

SUFFIX: dict[Format, str] = {"grid": ".png", "png": "", "npz": ".npz"}
DIGITS = 5
"""Of a picture's number in the name of its file, or more where there are more pictures."""
OURS = re.compile(rf"\d{{{DIGITS},}}\.png")


def format_of(out: Path | None, wanted: Format | None) -> Format:
    """Return the form that a name says, or the one that is wanted.

    Raises:
        ValueError: If the name says none, or another.
    """
    if out is None:
        return wanted or "grid"
    suffix = out.suffix.lower()
    if wanted == "png" and suffix not in (".png", ".npz"):
        return wanted  # A folder may be called anything else.
    for form in get_args(Format):
        if suffix == SUFFIX[form] and wanted in (None, form):
            return form
    accepted = ".png (a grid), .npz or no suffix (a folder)"
    if wanted is not None:
        accepted = f"{SUFFIX[wanted] or 'no suffix'} for --format {wanted}"
    raise ValueError(f"--out must end with {accepted}, got {out}")


def default_name(checkpoint: Path, form: Format, seed: int) -> Path:
    """Return a name in the current folder, after run, step and seed."""
    run = run_of(checkpoint.absolute())
    of_run = "" if run is None else f"{run.path.name}_"
    return Path(f"{of_run}{checkpoint.stem}_seed_{seed}{SUFFIX[form]}")


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
