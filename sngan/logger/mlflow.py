"""MLflow: a store of files in ``RUN_FOLDER/mlflow``, or a server's."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sngan.logger.base import Logger, Outcome, TrackedRun, require_package
from sngan.system.declared import Text, checked
from sngan.system.files import read_json, write_json

STATUS = {"finished": "FINISHED", "interrupted": "KILLED", "failed": "FAILED"}
MOST_PARAMETERS = 100  # In one request.


class MlflowLogger(Logger):
    """Metrics, grids as artifacts, parameters and final scores.

    A store of files keeps a metric in a file of its name, which cannot be a folder, too: so
    ``loss/discriminator/train`` is called ``loss/discriminator.train``.

    Args:
        tracking_uri: Of the store; None for files in the run's folder.
        experiment: To which runs belong.

    Raises:
        ModuleNotFoundError: If the package is missing.
        SettingError: If a setting is not accepted.
    """

    @checked
    def __init__(self, tracking_uri: Text | None = None, experiment: Text = "sngan") -> None:
        require_package("mlflow", "mlflow")
        self.tracking_uri = tracking_uri
        self.experiment = experiment

    def begin(self, run: TrackedRun) -> None:
        """See `Logger.begin`."""
        from mlflow import MlflowClient

        own = (run.folder / "mlflow").resolve()
        own.mkdir(exist_ok=True)
        if self.tracking_uri is None:  # It wants to be asked for files: other stores do more.
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        uri = self.tracking_uri or own.as_uri()
        self._client = MlflowClient(tracking_uri=uri)
        kept = (read_json(own / "run.json", dict) if (own / "run.json").exists() else None) or {}
        if kept.get("store") == uri:
            self._id = str(kept["run_id"])
            self._client.update_run(self._id, status="RUNNING")
        else:
            self._id = self._new(run)
            write_json(own / "run.json", {"store": uri, "run_id": self._id})
        names = self._client.get_run(self._id).data.metrics
        history = {name: self._client.get_metric_history(self._id, name) for name in names}
        self._has = {(name, metric.step) for name in names for metric in history[name]}
        self._pictures = {found.path for found in self._client.list_artifacts(self._id, "samples")}

    def log(self, step: int, values: Mapping[str, float], at: float) -> None:
        """See `Logger.log`."""
        from mlflow.entities import Metric

        metrics = [
            Metric(name, value, round(1000 * at), step)
            for name, value in zip(map(_name, values), values.values(), strict=True)
            if (name, step) not in self._has
        ]
        if metrics:
            self._client.log_batch(self._id, metrics=metrics)

    def picture(self, step: int, path: Path, at: float) -> None:
        """See `Logger.picture`."""
        if f"samples/{path.name}" not in self._pictures:
            self._client.log_artifact(self._id, str(path), "samples")

    def end(self, step: int, scores: Mapping[str, float], outcome: Outcome) -> None:
        """See `Logger.end`."""
        from time import time

        self.log(step, scores, time())
        self._client.set_terminated(self._id, STATUS[outcome])

    def _new(self, run: TrackedRun) -> str:
        """Return the id of a new run."""
        from mlflow.entities import Param

        found: Any = self._client.get_experiment_by_name(self.experiment)
        experiment = self._client.create_experiment(self.experiment) if found is None else None
        made = self._client.create_run(experiment or found.experiment_id, run_name=run.name)
        parameters = [Param(name, str(value)) for name, value in run.settings.items()]
        for first in range(0, len(parameters), MOST_PARAMETERS):
            part = parameters[first : first + MOST_PARAMETERS]
            self._client.log_batch(made.info.run_id, params=part)
        return str(made.info.run_id)


def _name(name: str) -> str:
    group, slash, rest = name.partition("/")
    return group + slash + rest.replace("/", ".")
