import re

import pytest
import torch

from sngan.run_folder import checkpoint
from sngan.run_folder.choice import choose, latest
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


def test_latest(tmp_path):
    with pytest.raises(FileNotFoundError, match="neither a checkpoint nor a run folder"):
        latest(tmp_path)
    for step in (9, 100, 20):
        checkpoint.save(RunFolder(tmp_path).checkpoint(step), {})
    newest = RunFolder(tmp_path).checkpoint(100)
    assert latest(tmp_path) == newest
    assert latest(newest) == newest


@pytest.mark.parametrize("key", RUN)
def test_a_file_without_a_run_is_refused(tmp_path, key):
    path = tmp_path / "a.pt"
    for state in ({**RUN, key: None}, {k: v for k, v in RUN.items() if k != key}):
        checkpoint.save(path, state)
        with pytest.raises(ValueError, match=re.escape(f"{path} is not a checkpoint of a run: it")):
            checkpoint.load(path)


def run_with(folder, *steps, best=None):
    for step in steps:
        checkpoint.save(RunFolder(folder).checkpoint(step), {"step": step})
    if best is not None:
        checkpoint.Best(best, "distance/x", 1.5).write(folder)


def test_the_best_is_spared(tmp_path):
    run_with(tmp_path, 1, 2, 3, 4)
    checkpoint.prune(tmp_path, 1, checkpoint.Best(2, "distance/x", 1.5))
    names = [path.name for path in sorted((tmp_path / "checkpoints").iterdir())]
    assert names == ["step_0000002.pt", "step_0000004.pt"]


def test_what_a_run_folder_means(tmp_path):
    run_with(tmp_path, 1, 2, 3)
    assert choose(tmp_path, best=False).remark == ""
    with pytest.raises(FileNotFoundError, match=r"no best checkpoint: .*monitor=\[scores\]"):
        choose(tmp_path, best=True)
    run_with(tmp_path, best=2)
    newest = choose(tmp_path, best=False)
    assert newest.path.name == "step_0000003.pt"
    assert "the newest; the best: distance/x 1.500 at step 2, --best" in newest.remark
    best = choose(tmp_path, best=True)
    assert best.path.name == "step_0000002.pt"
    assert best.remark == " (the best: distance/x 1.500 at step 2)"
    named = choose(best.path, best=False)
    assert (named.path, named.remark) == (best.path, "")
    with pytest.raises(ValueError, match="--best chooses a checkpoint of a run folder"):
        choose(best.path, best=True)


@pytest.mark.parametrize("content", ["", "{}", '{"step": 9, "name": "x", "value": 1.0}'])
def test_a_note_of_the_best_that_leads_nowhere_is_none(content, tmp_path):
    run_with(tmp_path, 1)
    (tmp_path / checkpoint.BEST).write_text(content)
    assert checkpoint.find_best(tmp_path) is None
