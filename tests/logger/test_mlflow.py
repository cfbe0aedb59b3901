"""MLflow, in a store of files."""

import json

import pytest

from sngan.logger.mlflow import MlflowLogger
from tests.logger.conftest import BEST


@pytest.fixture
def found():
    """Return the client of a run's store, and the run."""
    from mlflow import MlflowClient  # Here, for seconds in every process that collects tests.

    def find(run):
        kept = json.loads((run.folder.path / "mlflow" / "run.json").read_text())
        client = MlflowClient(tracking_uri=kept["store"])
        return client, client.get_run(kept["run_id"])

    return find


def steps(client, run, name):
    return [(x.step, x.value) for x in client.get_metric_history(run.info.run_id, name)]


def test_metrics_grids_parameters_scores(told, found):
    run = told(MlflowLogger)
    run(1, 2, 3, best=BEST)
    client, there = found(run)
    assert steps(client, there, "loss/discriminator") == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert steps(client, there, "loss/discriminator.train") == [(1, 1.0), (2, 1.0), (3, 1.0)]
    assert steps(client, there, "best/distance.x") == [(3, 5.0)]
    assert there.data.params["setting.lr"] == "0.5"
    assert there.info.status == "FINISHED"
    pictures = client.list_artifacts(there.info.run_id, "samples")
    assert [x.path for x in pictures] == [f"samples/step_000000{step}.png" for step in (1, 2, 3)]


def test_a_run_that_goes_on_is_the_same_one_and_has_each_step_once(told, found):
    run = told(MlflowLogger)
    run(1, 2, 3, outcome="interrupted")
    _, before = found(run)
    assert before.info.status == "KILLED"
    run(3, 4, begun_at=2)
    client, after = found(run)
    assert after.info.run_id == before.info.run_id
    assert [step for step, _ in steps(client, after, "loss/discriminator")] == [1, 2, 3, 4]
