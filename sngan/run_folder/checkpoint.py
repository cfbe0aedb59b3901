"""Checkpoints: tensors and plain values only, written whole or not at all, loaded without code.

A checkpoint is an archive as ``torch.save`` writes it and ends with a checksum of every byte; see
`sngan.system.sealed`. `load` compares it, and looks at everything that others will rely on.
"""

from pathlib import Path
from typing import IO, Any, cast

from sngan.run_folder import exported
from sngan.run_folder.content import Purpose, require_content
from sngan.run_folder.folder import checkpoints_in, step_of
from sngan.system.files import WriteError, written_whole
from sngan.system.require import SettingError
from sngan.system.safe_load import DamagedError, load_tensors
from sngan.system.sealed import SealedFile, damage

FORMAT = 1


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint atomically: a killed job leaves the old file or the new one.

    Args:
        path: The file; its folder is made when missing.
        state: Tensors, numbers, strings, None, and dicts, lists and tuples of them.

    Raises:
        OSError: If it could not be written; names the newest checkpoint that is whole.
    """
    import torch

    try:
        with written_whole(path) as temporary, temporary.open("wb") as file:
            sealed = SealedFile(file)
            torch.save({"format": FORMAT, **state}, cast("IO[bytes]", sealed))
            sealed.seal()
    except WriteError as error:
        raise WriteError(f"{error}{_remark(path)}", error.errno) from error


def load(path: Path, purpose: Purpose = "read", remedy: str = "") -> dict[str, Any]:
    """Read a checkpoint, or an export, to the CPU under ``weights_only=True``.

    Args:
        path: The file.
        purpose: What for: that much of it is sure to be there and of the right kind.
        remedy: To be said behind the name of a whole one, where this one is damaged.

    Raises:
        FileNotFoundError: If there is no such file.
        DamagedError: If it is truncated or damaged; names the newest one before it that is whole.
        ValueError: If it is not a checkpoint of ours.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    if exported.is_weights(path):
        return exported.load(path, purpose)
    try:
        state = load_tensors(path, "a checkpoint")
    except DamagedError as error:
        raise DamagedError(f"{error}{_remark(path, remedy)}") from error
    version = state.get("format") if type(state) is dict else None
    if type(version) is not int or version != FORMAT:
        raise ValueError(f"{path} is not a checkpoint of this version of sngan (format {FORMAT})")
    try:
        require_content(state, purpose)
    except SettingError as error:
        raise ValueError(f"{path} is not a checkpoint of a run: {error}") from error
    return state


def damage_of(path: Path) -> str | None:
    """Say what a file is, unless it is whole; needs no PyTorch.

    Returns:
        ``is truncated`` or the like; None for a whole one.
    """
    try:
        return damage(path.read_bytes())
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def whole_before(path: Path) -> Path | None:
    """Return the newest whole checkpoint of a run that is older than one of its checkpoints."""
    older = (file for file in checkpoints_in(path.parent) if step_of(file) < step_of(path))
    return next((file for file in reversed([*older]) if damage_of(file) is None), None)


def _remark(path: Path, remedy: str = "") -> str:
    whole = whole_before(path)
    return "" if whole is None else f"; the newest whole one before it is {whole}{remedy}"
