"""What a run leaves behind: its configuration, environment and metrics."""

import json
import platform
import subprocess
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

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


def write_environment(path: Path, device: torch.device) -> None:
    """Write versions, machine and commit as JSON."""
    commit = _git("rev-parse", "HEAD")
    environment = {
        "versions": versions(),
        "platform": platform.platform(),
        "device": str(device),
        "device_name": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "cuda": torch.version.cuda,
        "threads": torch.get_num_threads(),
        "commit": commit,
        "dirty": None if commit is None else bool(_git("status", "--porcelain")),
    }
    path.write_text(json.dumps(environment, indent=2) + "\n")


class Metrics:
    """Append-only ``metrics.jsonl``: one object a line with step, name, value and seconds.

    Args:
        path: The file. Lines after ``step`` are dropped: a resumed run makes them again.
        step: The step the run continues from.
        seconds: Time the run had taken until then.
    """

    def __init__(self, path: Path, step: int = 0, seconds: float = 0.0) -> None:
        self.path = path
        self._start = time.monotonic() - seconds
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        path.write_text("".join(line for line in lines if _step_of(line) <= step))

    @property
    def seconds(self) -> float:
        """Seconds of training, interruptions left out."""
        return time.monotonic() - self._start

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Write one line per value."""
        seconds = round(self.seconds, 3)
        with self.path.open("a") as file:
            for name, value in values.items():
                line = {"step": step, "name": name, "value": value, "seconds": seconds}
                file.write(json.dumps(line) + "\n")


def _step_of(line: str) -> float:
    """Return a line's step; infinity for one that a kill cut short."""
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError):
        return float("inf")


def _git(*arguments: str) -> str | None:
    """Ask git about the code in use; None outside a checkout of sngan itself."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():  # An installed package may lie within another repository.
        return None
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
