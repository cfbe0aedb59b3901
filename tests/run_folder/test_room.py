import shutil
from types import SimpleNamespace

import pytest
import torch

from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.room import checkpoint_size, lack_of_room

MB = 10**6


@pytest.fixture
def disk(monkeypatch):
    """Let every disk have so many bytes free."""
    return lambda free: monkeypatch.setattr(
        shutil, "disk_usage", lambda path: SimpleNamespace(free=free)
    )


def test_a_checkpoint_is_as_large_as_said(tmp_path):
    state = {"x": torch.zeros(1000), "y": {"z": [1, None]}}
    checkpoint.save(tmp_path / "a.pt", state)
    size = (tmp_path / "a.pt").stat().st_size
    assert size - 200 < checkpoint_size(state) <= size  # The checksum, and the format.


@pytest.mark.parametrize(
    ("keep", "best", "needed"),
    [
        (None, False, 10),
        (None, True, 10),
        (1, False, 2),
        (3, False, 4),
        (3, True, 5),
        (50, True, 10),
    ],
)
def test_what_a_run_needs(tmp_path, disk, keep, best, needed):
    run = RunFolder(tmp_path / "deep" / "run")
    disk(needed * MB)
    assert lack_of_room(run, MB, 95, 10, keep, best) is None
    disk(needed * MB - 1)
    said = lack_of_room(run, MB, 95, 10, keep, best)
    assert said.startswith(
        f"{run} needs {needed}.0 MB for {needed} checkpoints of 1.0 MB, its disk"
    )


def test_what_is_there_counts(tmp_path, disk):
    run = RunFolder(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    for step in (10, 20):
        run.checkpoint(step).write_bytes(bytes(MB))
    for keep, needed in ((None, 9), (1, 0), (2, 1), (5, 4)):
        disk(needed * MB)
        assert lack_of_room(run, MB, 90, 10, keep) is None
        if needed:
            disk(needed * MB - 1)
            assert "has room for" in lack_of_room(run, MB, 90, 10, keep)


def test_what_would_fit_is_said(tmp_path, disk):
    disk(5 * MB)
    said = lack_of_room(RunFolder(tmp_path), MB, 1000, 10, None)
    assert said.endswith("its disk has room for 5.0 MB; keep_checkpoints=4 would fit")
    assert lack_of_room(RunFolder(tmp_path), MB, 1000, 10, 4) is None
    disk(MB)
    assert lack_of_room(RunFolder(tmp_path), MB, 1000, 10, None).endswith("has room for 1.0 MB")


def test_this_disk_has_room_for_little(tmp_path):
    assert lack_of_room(RunFolder(tmp_path), 1, 10, 10, None) is None
