"""Where a run was computed: versions, machine, commit."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sngan.run_folder.kinds import is_integer
from sngan.system.files import read_json, write_json

if TYPE_CHECKING:
    import torch

PACKAGES = (
    "sngan",
    "torch",
    "torchvision",
    "hydra-core",
    "numpy",
    "scipy",
    "pillow",
    "pytorch-fid",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide numbers."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def add_environment(
    path: Path, step: int, device: "torch.device", revision: str | None = None
) -> None:
    """Add an environment to a JSON list: one entry per start, for a run may move.

    Args:
        path: The file.
        step: Completed iterations; entries of later steps belong to a course given up, and go.
        device: Where training runs.
        revision: Of the pictures, if their source keeps several.
    """
    found = [entry for entry in read_json(path, list) or [] if isinstance(entry, dict)]
    entries = [entry for entry in found if is_integer(entry.get("step")) and entry["step"] <= step]
    of_pictures = {} if revision is None else {"dataset_revision": revision}
    entries.append({"step": step, **environment(device), **of_pictures})
    write_json(path, entries, indent=2)


def environment(device: "torch.device") -> dict[str, Any]:
    """Return versions, machine and commit."""
    import torch  # Slow to import; who asks for versions alone does not wait for it.

    commit = _git("rev-parse", "HEAD")
    return {
        "versions": versions(),
        "platform": platform.platform(),
        "device": str(device),
        "device_name": device_name(device),
        "cuda": torch.version.cuda,
        "threads": torch.get_num_threads(),
        "commit": commit,
        "dirty": None if commit is None else bool(_git("status", "--porcelain")),
    }


def device_name(device: "torch.device") -> str:
    """Return what a device calls itself: of a processor, its model and number of cores."""
    if device.type == "cuda":
        import torch

        return torch.cuda.get_device_name(device)
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores"


def _git(*arguments: str) -> str | None:
    """Ask git about the code in use; None outside a checkout of sngan itself."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():  # An installed package may lie within another repository.
        return None
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
