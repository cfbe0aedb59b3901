"""Trackio: a database on this machine, which ``trackio show`` shows."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sngan.logger.base import Logger, Outcome, TrackedRun, kept_id, require_package
from sngan.system.declared import Text, checked


class TrackioLogger(Logger):
    """Scalars, grids, configuration and final scores; made anew, by its name, when a run goes on.

    Where the database lies is the package's own business: ``TRACKIO_DIR``, else a cache folder.

    Args:
        project: Of the tracker.

    Raises:
        ModuleNotFoundError: If the package is missing.
        SettingError: If a setting is not accepted.
    """

    @checked
    def __init__(self, project: Text = "sngan") -> None:
        require_package("trackio", "trackio")
        self.project = project

    def begin(self, run: TrackedRun) -> None:
        """See `Logger.begin`."""
        import trackio

        name = f"{run.name} {kept_id(run.folder / 'trackio' / 'run_id')}"
        with suppress(ValueError):  # There is no such project yet.
            for old in trackio.Api().runs(self.project):
                if old.name == name:
                    old.delete()
        quiet = {"embed": False, "auto_log_gpu": False, "auto_log_cpu": False}
        self._run = trackio.init(self.project, name, config=dict(run.settings), **quiet)

    def log(self, step: int, values: Mapping[str, float], at: float) -> None:
        """See `Logger.log`."""
        self._run.log(dict(values), step=step)

    def picture(self, step: int, path: Path, at: float) -> None:
        """See `Logger.picture`."""
        import trackio

        self._run.log({"samples": trackio.Image(str(path))}, step=step)

    def end(self, step: int, scores: Mapping[str, float], outcome: Outcome) -> None:
        """See `Logger.end`."""
        if scores:
            self._run.log(dict(scores), step=step)
        self._run.finish()
