"""Whether two run folders hold the same, bit for bit, but for what the clock says."""

import json
from pathlib import Path
from typing import Any

import torch

from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.metrics import read_metrics

OF_A_START = {"train.log", "environment.json"}
"""Files to which every start of a run adds."""
OF_A_READER = {"report.md", "report.html", "report"}
"""What ``sngan-report`` puts into a run's folder; no training reads or writes it."""
OF_TRACKERS = {"tensorboard", "wandb", "trackio", "mlflow"}
"""Folders of copies, with ids and times of their own, which are made anew when a run goes on."""
NOT_COMPARED = OF_A_READER | OF_TRACKERS
BY_THE_CLOCK = ("speed/", "memory/")


def differences(found: Path, wanted: Path) -> list[str]:
    """Return what is not the same in two folders, a few words each; nothing if all is.

    Checkpoints are compared by their content, the seconds left out; lines of metrics by step, name
    and value, speeds by step and name; everything else by its bytes. No file may be there in one
    folder only, whatever its name, but for what a start or a reader adds.
    """
    names = [_names(folder) for folder in (found, wanted)]
    said = [f"{name} is left over" for name in sorted(names[0] - names[1])]
    said += [f"{name} is missing" for name in sorted(names[1] - names[0])]
    common = sorted(names[0] & names[1])
    return said + [f"{name} differs" for name in common if not _is_same(found, wanted, name)]


def are_same(a: Any, b: Any) -> bool:  # noqa: ANN401 - files hold what they hold.
    """Tell whether two values are the same, tensors bit for bit, and dicts in the same order."""
    if isinstance(a, torch.Tensor):
        is_alike = isinstance(b, torch.Tensor) and (a.dtype, a.shape) == (b.dtype, b.shape)
        return is_alike and a.numpy().tobytes() == b.numpy().tobytes()
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(are_same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(are_same, a, b))
    return bool(a == b)


def _names(folder: Path) -> set[str]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        path.as_posix()
        for path in files
        if path.name not in OF_A_START and NOT_COMPARED.isdisjoint(path.parts)
    }


def _is_same(found: Path, wanted: Path, name: str) -> bool:
    paths = found / name, wanted / name
    if name.endswith(".pt"):
        return are_same(*(_state(path) for path in paths))
    if name.endswith("metrics.jsonl"):
        return _lines(paths[0]) == _lines(paths[1])
    return paths[0].read_bytes() == paths[1].read_bytes()


def _state(path: Path) -> dict[str, Any]:
    state = checkpoint.load(path, "continue")
    del state["seconds"]
    return state


def _lines(path: Path) -> list[str]:
    lines = read_metrics(path)
    assert len(lines) == len(path.read_bytes().splitlines()), f"{path} has lines cut short"
    return [
        json.dumps(
            [x["step"], x["name"], None if x["name"].startswith(BY_THE_CLOCK) else x["value"]]
        )
        for x in lines
    ]


def wrong_files(folder: Path) -> list[str]:
    """Return what is not whole of a folder in which a process was stopped at any moment.

    Files with a temporary name count as not there.
    """
    runs = [RunFolder(folder), *RunFolder(folder).packed]
    checkpoints = [path for run in runs for path in run.checkpoints]
    said = [f"{path.name} {wrong}" for path in checkpoints if (wrong := checkpoint.damage_of(path))]
    for run in runs:
        for path in (run.path / "best.json", run.path / "due.json", run.environment, run.trust):
            if path.exists():
                try:
                    json.loads(path.read_bytes())
                except ValueError as error:
                    said.append(f"{path.name} is damaged: {error}")
    return said
