"""Augmentations and pairs as a user meets them: trained, recorded, continued and refused."""

import json

import pytest
import torch

from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder

SMOKE = (
    "+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "device=cpu", "log_every=1",
    "checkpoint_every=1", "keep_checkpoints=null", "total_steps=4",
)  # fmt: skip
ADAPTIVE = ("augmentation=adaptive", "augmentation.p=0.4", "augmentation.ada_kimg=1",
            "augmentation.interval=2")  # fmt: skip


def values_of(folder, name):
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return {line["step"]: line["value"] for line in lines if line["name"] == name}


@pytest.mark.parametrize(
    "words",
    [
        ADAPTIVE,
        ("augmentation=diff_augment", "augmentation.policy=[cutout,color]", "method=wgan_gp"),
        ("method=r3gan", "augmentation=diff_augment", "accumulation=2"),
    ],
    ids=" ".join,
)
def test_continued_it_is_what_it_would_have_been(words, in_process, tmp_path):
    in_process("sngan-train", *SMOKE, *words, "run_dir=run")
    run = RunFolder(tmp_path / "run")
    whole, p = checkpoint.load(run.checkpoint(4)), values_of(tmp_path / "run", "augmentation/p")
    for step in (3, 4):
        run.checkpoint(step).unlink()
    in_process("sngan-train", "resume=run")
    again = checkpoint.load(run.checkpoint(4))
    for part in ("iteration", "random"):
        torch.testing.assert_close(again[part], whole[part], rtol=0, atol=0)
    assert values_of(tmp_path / "run", "augmentation/p") == p
    assert ("augmentation" in whole["iteration"]) == bool(p) == (words == ADAPTIVE)


def test_p_is_recorded_and_moves(in_process, tmp_path):
    in_process("sngan-train", *SMOKE, *ADAPTIVE, "run_dir=run")
    p = values_of(tmp_path / "run", "augmentation/p")
    assert list(p) == [1, 2, 3, 4]
    assert p[1] == pytest.approx(0.4)
    assert p[2] == p[3] != p[1]


def test_without_one_nothing_is_kept_of_it(in_process, tmp_path):
    in_process("sngan-train", *SMOKE, "run_dir=run")
    state = checkpoint.load(RunFolder(tmp_path / "run").checkpoint(4))
    assert "augmentation" not in state["config"]
    assert "augmentation" not in state["iteration"]
    assert not values_of(tmp_path / "run", "augmentation/p")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("augmentation=adaptive", "augmentation.p=2"), "augmentation.p must be"),
        (("augmentation=diff_augment", "augmentation.policy=[blur]"), "augmentation.policy"),
        (("+augmentation=3",), "augmentation must"),
        (
            ("method=r3gan", "setting.batch_size=8", "setting.generator_batch_size=12"),
            "setting.generator_batch_size must be a multiple of batch_size 8",
        ),
    ],
    ids=lambda x: x if isinstance(x, str) else " ".join(x),
)
def test_bad_values_are_refused_by_name(words, said, in_process, tmp_path):
    process = in_process("sngan-train", *SMOKE, *words, "run_dir=run", check=False)
    assert process.returncode == 2
    assert said in process.stderr
    assert "Traceback" not in process.stderr
    assert not (tmp_path / "run").exists()
