import pytest

from sngan.run_folder import checkpoint
from sngan.run_folder.choice import choose, latest
from sngan.run_folder.folder import Best, RunFolder, step_of


def test_latest(tmp_path):
    with pytest.raises(FileNotFoundError, match="neither a checkpoint nor a run folder"):
        latest(tmp_path)
    for step in (9, 100, 20):
        checkpoint.save(RunFolder(tmp_path).checkpoint(step), {})
    newest = RunFolder(tmp_path).checkpoint(100)
    assert latest(tmp_path) == newest
    assert latest(newest) == newest


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_the_newest_whole_one(tmp_path, caplog):
    run_with(tmp_path, 1, 2, 3)
    run = RunFolder(tmp_path)
    assert latest(tmp_path, "previous") == run.checkpoint(3)
    assert not caplog.records
    damage(run.checkpoint(3))
    damage(run.checkpoint(2))
    assert latest(tmp_path) == run.checkpoint(3)  # Whoever loads it refuses.
    for path in (tmp_path, run.checkpoint(3), run.checkpoint(2)):
        caplog.clear()
        assert latest(path, "previous") == run.checkpoint(1)
        assert choose(path, best=False, if_damaged="previous").path == run.checkpoint(1)
        assert "is damaged (its checksum is wrong); taking step_0000001.pt instead" in caplog.text
    run.note_best(Best(2, "distance/x", 1.5))
    caplog.clear()
    assert choose(tmp_path, best=True, if_damaged="previous").path == run.checkpoint(2)
    assert not caplog.records
    damage(run.checkpoint(1))
    with pytest.raises(FileNotFoundError, match="and no checkpoint before it is whole"):
        latest(tmp_path, "previous")
    with pytest.raises(ValueError, match="if_damaged must be one of refuse, previous, got x"):
        latest(tmp_path, "x")


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


def test_in_the_order_of_the_steps(tmp_path):
    run = RunFolder(tmp_path)
    for step in (10_000_000, 9_999_999, 123_456_789):
        checkpoint.save(run.checkpoint(step), {})
    for name in ("step_0000001.spectra.pt", "step_x.pt", "other.pt"):
        (tmp_path / "checkpoints" / name).write_text("")
    assert [step_of(path) for path in run.checkpoints] == [9_999_999, 10_000_000, 123_456_789]
    run.discard_after(10_000_000)
    assert [step_of(path) for path in run.checkpoints] == [9_999_999, 10_000_000]


def test_halves_of_a_training_are_discarded_and_nothing_of_others(tmp_path):
    run_with(tmp_path, 1)
    whole = {"samples/step_0000003.png", "config.yaml", ".holder.json", ".lock"}
    of_others = {"checkpoints/.step_0000003.colours.json.4711", ".mine"}
    halves = {
        *("checkpoints/.step_0000003.pt.4711", "samples/.step_0000003.png.4711"),
        "samples/average/.step_0000003.png.4711",
        *(f".{name}.4711" for name in ("due.json", "metrics.jsonl", "config.yaml")),
        "..holder.json.4711",
    }
    (tmp_path / "samples" / "average").mkdir(parents=True)
    for name in whole | of_others | halves:
        (tmp_path / name).write_bytes(b"PK")
    RunFolder(tmp_path).discard_halves()
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"checkpoints/step_0000001.pt"} | whole | of_others


def test_only_numbers_are_seeds_of_a_pack(tmp_path):
    for name in ("seed_1", "seed_x", "seed_", "seed_12"):
        (tmp_path / name).mkdir()
        RunFolder(tmp_path / name).config.write_text("")
    assert [run.path.name for run in RunFolder(tmp_path).packed] == ["seed_1", "seed_12"]
    assert RunFolder(tmp_path).of_seed(12) == RunFolder(tmp_path).packed[1]


def test_with_a_checkpoint_goes_what_is_measured_of_it(tmp_path):
    """And the note of the best, but for an earlier one that is still there."""
    run = RunFolder(tmp_path)
    run_with(tmp_path, 2, 4)
    run.grid(2).parent.mkdir()
    for step in (2, 4):
        for end in ("inception.paper.0123456789.json", "spectra.json", "spectra.png"):
            run.checkpoint(step).with_name(f"step_{step:07d}.{end}").touch()
        run.grid(step).touch()
    (tmp_path / "checkpoints" / "step_0000009.mine").mkdir()
    run.note_best(Best(4, "distance", 1.0))
    run.discard_after(2, Best(2, "distance", 2.0))
    left = {path.name.partition(".")[0] for path in (tmp_path / "checkpoints").iterdir()}
    assert left == {"step_0000002", "step_0000009"}
    assert run.grids == [run.grid(2)]
    assert run.best() == Best(2, "distance", 2.0)
    run.discard_after(1, Best(1, "distance", 3.0))
    assert not (tmp_path / "best.json").exists()


def test_what_is_cut_short_never_costs_the_last_good_one(tmp_path):
    run = RunFolder(tmp_path)
    run_with(tmp_path, 1, 2, 3, 4)
    for step in (3, 4):
        run.checkpoint(step).write_bytes(run.checkpoint(step).read_bytes()[:100])
    run.prune(1)
    assert [step_of(path) for path in run.checkpoints] == [2, 3, 4]
    run_with(tmp_path, 5)
    run.prune(1)
    assert [step_of(path) for path in run.checkpoints] == [5]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"step": 9, "name": "x", "value": 1.0}',
        '{"step": "1", "name": "x", "value": 1.0}',
        '{"step": 1, "name": "x", "value": null}',
        '{"step": Infinity, "name": "x", "value": 1.0}',
        '{"step": 1, "name": "x", "value": 1.0, "more": 0}',
        '{"step": 1, "name": "x", "value": 1.0, "checksum": "0"}',
        f'{{"step": {10**300}, "name": "x", "value": 1.0}}',
    ],
)
def test_a_note_of_the_best_that_leads_nowhere_is_none(content, tmp_path):
    run_with(tmp_path, 1)
    (tmp_path / "best.json").write_text(content)
    assert RunFolder(tmp_path).best() is None
