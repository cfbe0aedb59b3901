"""Exports: folders with a generator alone, in files that other programs read, too.

The weights are a safetensors file, whose reader runs no code; ``config.json`` says of what network
they are, where they come from, and what their checksum is. Both may be a stranger's: what they hold
is looked at as a checkpoint's is.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from sngan.run_folder.content import Purpose, require_content
from sngan.run_folder.weights import SAID
from sngan.system.files import load_json
from sngan.system.require import SettingError, require_one_of
from sngan.system.safe_load import DamagedError

FORMAT = 1
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
ONNX = "model.onnx"
CARD = "README.md"
SUFFIX = ".safetensors"
DTYPES = ("float32", "int64")
"""Of weights and of counters."""


def weights_in(folder: Path) -> Path | None:
    """Return the weights of an export; None if a folder is none."""
    path = folder / WEIGHTS
    return path if path.is_file() and (folder / CONFIG).is_file() else None


def is_weights(path: Path) -> bool:
    """Tell whether a file is, by its name, the weights of an export."""
    return path.suffix == SUFFIX


def load(path: Path, purpose: Purpose = "score") -> dict[str, Any]:
    """Read an export in the form of a checkpoint that holds a generator alone.

    Args:
        path: Its weights; what they are of stands beside them.
        purpose: What for.

    Raises:
        FileNotFoundError: If one of the two files is missing.
        DamagedError: If a file is damaged.
        ValueError: If it is no export of ours, or does not hold what it is wanted for.
    """
    if purpose not in ("read", "score"):
        raise ValueError(f"{path} is an export, a generator alone: there is nothing to {purpose}")
    about = path.with_name(CONFIG)
    content = load_json(about, dict)
    if type(content.get("format")) is not int or content["format"] != FORMAT:
        raise ValueError(f"{about} is not of an export of this version of sngan (format {FORMAT})")
    weights = _load_weights(path, content.get("sha256"))
    state = {
        "step": content.get("step"),
        "config": content.get("config"),
        "iteration": {"generator": weights},
        "class_names": content.get("class_names", []),
        "weights": content.get("weights", "raw"),
    }
    try:
        require_content(state, "export")
        require_one_of("weights", state["weights"], [*SAID])
    except SettingError as error:
        raise ValueError(f"{about} is not of an export: {error}") from error
    return state


def require_dtypes(weights: dict[str, Any], source: Path) -> None:
    """Raise unless all weights are of a type that exports have.

    Raises:
        ValueError: Naming the first that is not.
    """
    for name, tensor in weights.items():
        dtype = str(getattr(tensor, "dtype", type(tensor).__name__)).removeprefix("torch.")
        if dtype not in DTYPES:
            raise ValueError(
                f"{source}: {name} must be a tensor of {' or '.join(DTYPES)}, got {dtype}"
            )


def _load_weights(path: Path, checksum: object) -> dict[str, Any]:
    from safetensors.torch import load as parse

    content = path.read_bytes()
    if sha256(content).hexdigest() != checksum:
        raise DamagedError(f"{path} is damaged: its SHA-256 is not the one that {CONFIG} says")
    try:
        weights = parse(content)
    except Exception as error:  # A stranger's file can raise anything.
        raise DamagedError(f"{path} is truncated or not a safetensors file") from error
    require_dtypes(weights, path)
    return weights
