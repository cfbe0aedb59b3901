"""Weights & Biases: ``RUN_FOLDER/wandb``, to be sent by ``wandb sync``, or sent at once."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from sngan.logger.base import Logger, Outcome, TrackedRun, kept_id, require_package
from sngan.system.declared import Text, checked


class WandbLogger(Logger):
    """Scalars, grids, configuration and final scores.

    Offline, the files are made anew when a run goes on, under the same id. Online, the run of this
    id goes on after the last step that it has.

    Args:
        project: Of the tracker.
        entity: Whose project; None for the user's own.
        mode: Whether to send at once.

    Raises:
        ModuleNotFoundError: If the package is missing.
        SettingError: If a setting is not accepted.
    """

    @checked
    def __init__(
        self,
        project: Text = "sngan",
        entity: Text | None = None,
        mode: Literal["offline", "online"] = "offline",
    ) -> None:
        require_package("wandb", "wandb")
        self.project = project
        self.entity = entity
        self.mode = mode

    def begin(self, run: TrackedRun) -> None:
        """See `Logger.begin`."""
        import wandb

        folder = run.folder / "wandb"
        name = kept_id(folder / "run_id")
        if self.mode == "offline":
            for old in folder.glob(f"offline-run-*-{name}"):
                shutil.rmtree(old)
        self._run = wandb.init(
            project=self.project,
            entity=self.entity,
            mode=self.mode,
            dir=run.folder,
            id=name,
            name=run.name,
            config=dict(run.settings),
            resume="allow",
            reinit="create_new",  # Several are packed in one process.
            settings=wandb.Settings(console="off", silent=True),
        )
        self._first = self._run.step

    def log(self, step: int, values: Mapping[str, float], at: float) -> None:
        """See `Logger.log`."""
        if step >= self._first:
            self._run.log({**values, "_timestamp": at}, step=step)

    def picture(self, step: int, path: Path, at: float) -> None:
        """See `Logger.picture`."""
        import wandb

        if step >= self._first:
            self._run.log({"samples": wandb.Image(str(path))}, step=step)

    def end(self, step: int, scores: Mapping[str, float], outcome: Outcome) -> None:
        """See `Logger.end`."""
        self._run.summary.update(dict(scores))
        self._run.finish(exit_code=int(outcome == "failed"))
