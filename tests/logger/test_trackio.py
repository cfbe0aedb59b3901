"""Trackio, in a database of its own."""

from uuid import uuid4

import pytest

from sngan.logger.trackio import TrackioLogger
from tests.logger.conftest import BEST

trackio = pytest.importorskip("trackio")


def test_a_run_that_goes_on_has_each_step_once(told):
    from trackio.sqlite_storage import SQLiteStorage

    project = f"test-{uuid4()}"
    run = told(lambda: TrackioLogger(project))
    run(1, 2, 3, outcome="interrupted")
    run(3, 4, begun_at=2, best=BEST)
    (there,) = trackio.Api().runs(project)
    lines = SQLiteStorage.get_logs(project, there.name)
    losses = [(x["step"], x["loss/discriminator"]) for x in lines if "loss/discriminator" in x]
    assert losses == [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0)]
    assert [x["step"] for x in lines if "samples" in x] == [1, 2, 3, 4]
    assert [x["best/distance/x"] for x in lines if "best/distance/x" in x] == [5.0]
    assert there.config["setting.lr"] == 0.5
    there.delete()
