import copy
import errno
import re
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import RunFolder
from sngan.system.safe_load import DamagedError

NETWORKS = {"generator": {}, "discriminator": {}}
RUN = {"step": 1, "seconds": 0.5, "config": {}, "iteration": NETWORKS}
PART = {"_target_": "x.Y"}
OPTIMIZER = {
    "state": {0: {"step": torch.tensor(1.0), "exp_avg": torch.zeros(2)}},
    "param_groups": [
        {"lr": torch.tensor(0.1), "betas": (0.0, 0.9), "foreach": None, "params": [0]}
    ],
}
WHOLE = {
    "step": 1,
    "seconds": 0.5,
    "class_names": ["cat", "dog"],
    "best": {"step": 1, "name": "distance/x", "value": 1e30},
    "config": {
        "seed": 0,
        "architecture": {"generator": PART, "discriminator": PART},
        "regularizer": {"none": PART},
        "dataset": PART,
        "preprocessing": PART,
        "loss": PART,
        "optimizer": PART,
        "setting": {"lr": 0.1},
        "monitor": {"scores": {**PART, "every": [1, None, {"a": True}]}},
    },
    "iteration": {
        "generator": {"w": torch.zeros(50)},
        "discriminator": {},
        "generator_optimizer": OPTIMIZER,
        "discriminator_optimizer": OPTIMIZER,
        "batches": {"pictures": 3, "upcoming": torch.tensor([2, 0])},
    },
    "average": {"generator": {"w": torch.zeros(50)}, "updates": torch.tensor(1)},
    "losses": {"sums": torch.zeros(3), "count": torch.tensor(0)},
    "random": {"cpu": torch.get_rng_state()},
}


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


def changed(state, name, value):
    """Return a state with another value at a place, or without it."""
    state = copy.deepcopy(state)
    *parents, last = name.split(".")
    node = state
    for key in parents:
        node = node[key]
    if value is NOTHING:
        del node[last]
    else:
        node[last] = value
    return state


NOTHING = object()
LOOP = []
LOOP.append(LOOP)
SHARED = [0] * 1000
for _ in range(20):
    SHARED = [SHARED] * 1000
MANY_IN_ONE = torch.zeros(1, dtype=torch.int64).expand(10**15)


@pytest.mark.parametrize("purpose", ["read", "score", "analyze", "continue"])
def test_what_a_run_writes_can_be_read(tmp_path, purpose):
    checkpoint.save(tmp_path / "a.pt", WHOLE)
    assert checkpoint.load(tmp_path / "a.pt", purpose)["step"] == 1


@pytest.mark.parametrize(
    ("purpose", "name", "value", "said"),
    [
        ("read", "step", NOTHING, "step must be an integer >= 0, got nothing"),
        ("read", "step", -1, "step must be an integer >= 0, got -1"),
        ("read", "step", True, "got True"),
        ("read", "step", 2**63, "got 9223372036854775808"),
        ("read", "step", 10**600, "step must be an integer >= 0, got 1000000"),
        ("read", "step", torch.zeros(2), "got a tensor"),
        ("read", "seconds", float("nan"), "seconds must be a number >= 0, got nan"),
        ("read", "seconds", -0.5, "got -0.5"),
        ("read", "config", [], "config must be an object of plain values, got []"),
        ("read", "config.x", (1, 2), "config must be an object of plain values, got {"),
        ("read", "config.x", torch.zeros(1), "config must be an object"),
        ("read", "config.x", [b"x"], "config must be an object"),
        ("read", "config.x", {1: 2}, "config must be an object"),
        ("read", "config.x", LOOP, "config must be an object"),
        ("read", "config.x", SHARED, "config must be an object"),
        ("read", "iteration", None, "iteration.generator must be tensors by name, got nothing"),
        ("read", "iteration.discriminator", {"w": 1}, "iteration.discriminator must be tensors"),
        ("read", "iteration.generator", {1: torch.zeros(1)}, "iteration.generator must be"),
        ("read", "iteration.generator.w", MANY_IN_ONE, "iteration.generator must be tensors"),
        ("read", "iteration.generator.w", torch.zeros(1).to_sparse(), "iteration.generator must"),
        (
            "read",
            "iteration.generator.w",
            torch.zeros(1, device="meta"),
            "iteration.generator must",
        ),
        ("read", "iteration.generator.w", nn.Parameter(torch.zeros(1)), "iteration.generator must"),
        ("read", "average", None, "average must be averaged weights and their count of updates"),
        ("read", "average", {"generator": {"w": 1}}, "average must be averaged weights and"),
        ("read", "average.updates", torch.zeros(()), "average must be averaged weights and"),
        ("read", "average.generator.w", MANY_IN_ONE, "average must be averaged weights and"),
        ("score", "config.seed", "1", "config.seed must be an integer >= 0, got '1'"),
        (
            "score",
            "class_names",
            ["cat", 1],
            "class_names must be names of classes, got ['cat', 1]",
        ),
        ("score", "class_names", ["a\nb"], "class_names must be names of classes"),
        ("score", "class_names", "cat", "class_names must be names of classes"),
        ("score", "config.architecture", NOTHING, "config.architecture.generator must be an"),
        ("score", "config.architecture.generator._target_", 3, "with a _target_, got {'_target_'"),
        ("analyze", "config.architecture.discriminator", {}, "with a _target_, got {}"),
        ("continue", "iteration.regularizer", {"real": 1.0}, "must be tensors by name"),
        ("analyze", "config.regularizer", {"n": None}, "config.regularizer must be objects"),
        ("continue", "config.loss", "hinge", "config.loss must be an object with a _target_"),
        ("continue", "config.setting", 1, "config.setting must be an object, got 1"),
        ("continue", "config.monitor", [], "config.monitor must be null or objects"),
        ("continue", "config.average", [], "config.average must be null or an object with a"),
        ("continue", "best.value", float("inf"), "best must be null, or step, name and value"),
        ("continue", "best", {"step": 1}, "best must be null, or step, name and value"),
        ("continue", "best", {"step": 1, "name": "x", "value": "y"}, "best must be null"),
        ("continue", "iteration.generator_optimizer", {}, "must be the state of an optimizer"),
        ("continue", "iteration.generator_optimizer.state", {0: {"step": b"x"}}, "of an optimizer"),
        ("continue", "iteration.generator_optimizer.param_groups", [{}], "of an optimizer"),
        ("continue", "iteration.batches.pictures", 2, "iteration.batches must be pictures and"),
        ("continue", "iteration.batches.upcoming", torch.tensor([-1]), "iteration.batches must be"),
        ("continue", "iteration.batches.upcoming", torch.tensor([0.0]), "iteration.batches must"),
        ("continue", "iteration.batches.upcoming", MANY_IN_ONE, "iteration.batches must be"),
        ("continue", "losses.sums", torch.tensor(0.0), "losses must be sums and their count"),
        ("continue", "losses", NOTHING, "losses must be sums and their count, got nothing"),
        ("continue", "random", {}, "random must be states of random sources"),
        ("continue", "random.cpu", torch.zeros(3), "random must be states of random sources"),
    ],
)
def test_what_is_missing_or_of_another_kind_is_named(tmp_path, purpose, name, value, said):
    path = tmp_path / "a.pt"
    checkpoint.save(path, changed(WHOLE, name, value))
    begin = f"{path} is not a checkpoint of a run: "
    with pytest.raises(ValueError, match=f"^{re.escape(begin)}.*{re.escape(said)}") as error:
        checkpoint.load(path, purpose)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(begin) + 300
    if purpose != "read":  # Whoever needs less does without.
        assert checkpoint.load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("best", None),
        ("config.monitor", None),
        ("iteration.batches.upcoming", torch.zeros(0, dtype=torch.int64)),
        ("iteration.discriminator", {"of_others._extra_state": [1, "x"]}),
        ("seconds", 3),
        ("best.value", -2),
    ],
)
def test_what_is_rare_but_right(tmp_path, name, value):
    checkpoint.save(tmp_path / "a.pt", changed(WHOLE, name, value))
    assert checkpoint.load(tmp_path / "a.pt", "continue")


@pytest.mark.parametrize("name", ["best", "class_names", "config.monitor", "average"])
def test_what_older_checkpoints_lack(tmp_path, name):
    checkpoint.save(tmp_path / "a.pt", changed(WHOLE, name, NOTHING))
    assert checkpoint.load(tmp_path / "a.pt", "continue")


@pytest.mark.parametrize("version", [0, 2, 1.0, True, torch.ones(1), torch.ones(2), None])
def test_another_version(tmp_path, version):
    path = tmp_path / "a.pt"
    torch.save({**WHOLE, "format": version}, path)
    with pytest.raises(ValueError, match="not a checkpoint of this version"):
        checkpoint.load(path)


def test_one_that_was_saved_without_our_checksum(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({**WHOLE, "format": 1}, path)
    assert checkpoint.load(path)["step"] == 1
    part = zipfile.ZipFile(path).getinfo("a/data/0")
    content = bytearray(path.read_bytes())
    content[part.header_offset + 100 : part.header_offset + 104] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(DamagedError, match=r"a\.pt is damaged \(the checksum of its part a/data/0"):
        checkpoint.load(path)


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_one_names_a_whole_one_before_it(tmp_path):
    run = RunFolder(tmp_path)
    for step in (1, 2, 3, 4):
        checkpoint.save(run.checkpoint(step), RUN)
    damage(run.checkpoint(3))
    damage(run.checkpoint(2))
    with pytest.raises(DamagedError) as error:
        checkpoint.load(run.checkpoint(3))
    assert str(error.value) == (
        f"{run.checkpoint(3)} is damaged (its checksum is wrong) or not a checkpoint; "
        f"the newest whole one before it is {run.checkpoint(1)}"
    )
    with pytest.raises(DamagedError, match=r"step_0000001\.pt, here you are$"):
        checkpoint.load(run.checkpoint(3), remedy=", here you are")
    damage(run.checkpoint(1))
    with pytest.raises(DamagedError, match=r"or not a checkpoint$"):
        checkpoint.load(run.checkpoint(2))


def test_a_broken_disk(tmp_path, monkeypatch):
    run = RunFolder(tmp_path)
    for step in (1, 2):
        checkpoint.save(run.checkpoint(step), RUN)
    read = Path.read_bytes

    def fail(path):
        if path == run.checkpoint(2):
            raise OSError(errno.EIO, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", fail)
    said = rf"0002\.pt cannot be read: Input/output error; .* before it is {run.checkpoint(1)}$"
    with pytest.raises(DamagedError, match=said):
        checkpoint.load(run.checkpoint(2))
    assert latest(tmp_path, "previous") == run.checkpoint(1)


def test_a_full_disk(tmp_path, small_files):
    run = RunFolder(tmp_path)
    checkpoint.save(run.checkpoint(1), RUN)
    damage(run.checkpoint(1))
    checkpoint.save(run.checkpoint(2), RUN)
    with pytest.raises(OSError, match="could not be written") as error, small_files():
        checkpoint.save(run.checkpoint(3), {**RUN, "x": torch.zeros(10**6)})
    assert str(error.value) == (
        f"{run.checkpoint(3)} could not be written: File too large (4.0 MB are needed); "
        f"the newest whole one before it is {run.checkpoint(2)}"
    )
    assert error.value.errno == errno.EFBIG
    assert sorted(run.checkpoint(1).parent.iterdir()) == [run.checkpoint(1), run.checkpoint(2)]
