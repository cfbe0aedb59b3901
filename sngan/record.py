"""What a run leaves behind: its configuration, environment and metrics."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

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


def add_environment(path: Path, step: int, device: torch.device) -> None:
    """Add an environment to a JSON list: one entry per start, for a run may move.

    Args:
        path: The file.
        step: Completed iterations; entries of later steps belong to a course given up, and go.
        device: Where training runs.
    """
    entries = [entry for entry in _entries(path) if entry["step"] <= step]
    entries.append({"step": step, **environment(device)})
    path.write_text(json.dumps(entries, indent=2) + "\n")


def environment(device: torch.device) -> dict[str, Any]:
    """Return versions, machine and commit."""
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


def device_name(device: torch.device) -> str:
    """Return what a device calls itself: of a processor, its model and number of cores."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores"


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


def _entries(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a list in a file; none if it is missing or damaged."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []


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
