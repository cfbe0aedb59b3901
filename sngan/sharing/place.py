"""Where an export goes and in which files; nothing that is there is lost unasked."""

import re
from pathlib import Path

FORMATS = ("safetensors", "onnx")
OURS = re.compile(r"README\.md|config\.json|model\.safetensors|model\.onnx|model\..*\.json")


def require_free(out: Path, force: bool) -> None:
    """Raise unless an export can be written there and nothing else is lost.

    Args:
        out: The folder.
        force: Whether an export that is there may be replaced.

    Raises:
        FileExistsError: If something is there that may not.
    """
    if not out.exists() and not out.is_symlink():
        return
    if out.is_symlink() or not out.is_dir():
        raise FileExistsError(f"--out must be a folder or a new name, got {out}, which is neither")
    inside = sorted(path.name for path in out.iterdir())
    if others := [name for name in inside if not OURS.fullmatch(name)]:
        raise FileExistsError(f"{out} holds other things than an export, {others[0]}: name another")
    if inside and not force:
        raise FileExistsError(f"{out} is there already: --force replaces it, --out names another")
