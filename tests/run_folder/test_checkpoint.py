import re

import pytest
import torch

from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder

NETWORKS = {"generator": {}, "discriminator": {}}
RUN = {"step": 1, "seconds": 0.5, "config": {}, "iteration": NETWORKS}


def test_round_trip_under_weights_only(tmp_path):
    state = {**RUN, "step": 3, "nested": {"x": torch.arange(3.0), "y": [None, "a", (1, 2.0)]}}
    path = RunFolder(tmp_path).checkpoint(3)
    checkpoint.save(path, state)
    loaded = checkpoint.load(path)
    assert torch.equal(loaded["nested"].pop("x"), torch.arange(3.0))
    assert loaded["nested"] == {"y": [None, "a", (1, 2.0)]}
    assert loaded["step"] == 3


def test_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    checkpoint.save(path, RUN)

    def fail(state, file):
        file.write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="no space"):
        checkpoint.save(path, {"step": 2})
    assert checkpoint.load(path)["step"] == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_truncated_file(tmp_path, keep):
    path = tmp_path / "a.pt"
    checkpoint.save(path, {"x": torch.randn(1000)})
    whole = path.read_bytes()
    path.write_bytes(whole[: keep if isinstance(keep, int) else int(len(whole) * keep)])
    with pytest.raises(ValueError, match="is truncated or not a checkpoint"):
        checkpoint.load(path)


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"format": checkpoint.FORMAT, "x": print}, path)
    with pytest.raises(ValueError, match="is truncated or not a checkpoint"):
        checkpoint.load(path)


def test_other_files(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save({"weight": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match="not a checkpoint of this version"):
        checkpoint.load(path)
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        checkpoint.load(tmp_path / "nope.pt")


@pytest.mark.parametrize("key", RUN)
def test_a_file_without_a_run_is_refused(tmp_path, key):
    path = tmp_path / "a.pt"
    for state in ({**RUN, key: None}, {k: v for k, v in RUN.items() if k != key}):
        checkpoint.save(path, state)
        with pytest.raises(ValueError, match=re.escape(f"{path} is not a checkpoint of a run: it")):
            checkpoint.load(path)
