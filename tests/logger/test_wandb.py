"""Weights & Biases without network: what would be sent."""

import time

from sngan.logger.wandb import WandbLogger
from tests.logger.conftest import BEST
from tests.logger.wandb_file import history, records


def file_of(run):
    (found,) = run.folder.path.glob("wandb/offline-run-*/run-*.wandb")
    deadline = time.monotonic() + 60  # A process of its own writes it.
    while "exit" not in [record.WhichOneof("record_type") for record in records(found)]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_entries_grids_configuration_scores(told):
    run = told(WandbLogger)
    run(1, 2, 3, best=BEST)
    entries = history(file_of(run))
    assert [(step, x["loss/discriminator"], x["distance/x"]) for step, x in entries] == [
        (1, 1.0, 6.0), (2, 2.0, 5.0), (3, 3.0, 4.0),
    ]  # fmt: skip
    files = run.folder.path / "wandb" / "latest-run" / "files"
    assert (files / entries[0][1]["samples/path"]).exists()
    found = {kind: x for x in records(file_of(run)) if (kind := x.WhichOneof("record_type"))}
    config = {item.key: item.value_json for item in found["run"].run.config.update}
    assert config["setting.lr"] == "0.5"
    summary = {
        item.key or item.nested_key[0]: item.value_json
        for record in records(file_of(run))
        for item in record.summary.update
    }
    assert float(summary["best/distance/x"]) == 5.0
    assert float(summary["last/distance/x"]) == 4.0


def test_a_run_that_goes_on_keeps_its_id_and_has_each_step_once(told):
    run = told(WandbLogger)
    run(1, 2, 3, outcome="interrupted")
    before = file_of(run).name
    run(3, 4, begun_at=2)
    assert file_of(run).name == before
    assert [step for step, _ in history(file_of(run))] == [1, 2, 3, 4]
