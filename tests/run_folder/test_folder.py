import pytest

from sngan.run_folder import checkpoint
from sngan.run_folder.choice import choose, latest
from sngan.run_folder.folder import Best, RunFolder


def test_latest(tmp_path):
    with pytest.raises(FileNotFoundError, match="neither a checkpoint nor a run folder"):
        latest(tmp_path)
    for step in (9, 100, 20):
        checkpoint.save(RunFolder(tmp_path).checkpoint(step), {})
    newest = RunFolder(tmp_path).checkpoint(100)
    assert latest(tmp_path) == newest
    assert latest(newest) == newest


def run_with(folder, *steps, best=None):
    for step in steps:
        checkpoint.save(RunFolder(folder).checkpoint(step), {"step": step})
    if best is not None:
        RunFolder(folder).note_best(Best(best, "distance/x", 1.5))


def test_the_best_is_spared(tmp_path):
    run_with(tmp_path, 1, 2, 3, 4)
    RunFolder(tmp_path).prune(1, Best(2, "distance/x", 1.5))
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
    (tmp_path / "best.json").write_text(content)
    assert RunFolder(tmp_path).best() is None
