"""Whether new trainings may have a folder."""

from collections.abc import Mapping
from typing import Any

from sngan.assembly.compose import to_yaml
from sngan.run_folder.folder import RunFolder


def require_free(folder: RunFolder, trainings: Mapping[RunFolder, Mapping[str, Any]]) -> None:
    """Raise if a folder holds a run, unless that is the same one and has no checkpoint yet.

    What was killed before its first checkpoint cannot go on; who began it may begin it anew.

    Args:
        folder: Of the trainings.
        trainings: Settings by place: the folder itself, or several within.

    Raises:
        ValueError: If there is something to lose.
    """
    there = [run for run in (folder, *folder.packed) if run.is_run]
    anew = {place: to_yaml(settings) for place, settings in trainings.items()}
    if any(run.checkpoints or run.config.read_text("utf-8") != anew.get(run) for run in there):
        raise ValueError(f"run_dir={folder} holds a run already; continue it: resume={folder}")
