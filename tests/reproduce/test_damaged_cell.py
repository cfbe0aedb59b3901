"""A cell whose newest checkpoint is damaged goes on from the one before it."""

import logging

import pytest

from sngan.reproduce.work import work_on
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest

WORDS = ("checkpoint_every=1", "total_steps=3")


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.fixture
def half_done(reproduction):
    folder, plan = reproduction(words=WORDS)
    (cell,) = plan.cells.by_name.values()
    work_on(folder, plan, cell)
    run = folder.of_cell(cell.name)
    run.discard_after(2)
    folder.note(cell.name, ended="", sheets={})
    return folder, plan, cell, run


def test_it_goes_on_from_the_one_before(half_done, caplog):
    folder, plan, cell, run = half_done
    damage(latest(run.path))
    with caplog.at_level(logging.WARNING):
        assert work_on(folder, plan, cell)
    assert "is damaged (its checksum is wrong); taking step_0000001.pt instead" in caplog.text
    assert folder.record(cell.name).ended == "finished"
    assert checkpoint.load(latest(run.path))["step"] == 3


def test_where_none_is_whole_it_is_said(half_done):
    folder, plan, cell, run = half_done
    for path in run.checkpoints:
        damage(path)
    work_on(folder, plan, cell)
    assert "no checkpoint before it is whole" in folder.record(cell.name).failure
