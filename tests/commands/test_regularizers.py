"""Methods of after the paper as a user meets them: trained, continued, refused."""

import json

import pytest
import torch

from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder

SMOKE = (
    "+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "device=cpu", "total_steps=4",
    "checkpoint_every=2", "keep_checkpoints=null",
)  # fmt: skip
LECAM = ("method=lecam", "regularizer.lecam.start=3", "setting.n_dis=1")


def assert_same(first, second):
    torch.testing.assert_close(first, second, rtol=0, atol=0)


@pytest.mark.parametrize("method", ["r1", "r2", "dragan", "lecam", "gradient_normalization"])
def test_every_one_trains_and_is_watched(in_process, tmp_path, method):
    words = (*SMOKE, f"method={method}", "run_dir=run", "monitor=[validation_loss]")
    in_process("sngan-train", *words, "monitor.validation_loss.num_batches=1")
    lines = map(json.loads, (tmp_path / "run" / "metrics.jsonl").read_text().splitlines())
    values = {line["name"]: line["value"] for line in lines}
    assert (values["penalty"] > 0) == (method in ("r1", "r2", "dragan"))  # LeCam's begins later.
    assert "loss/discriminator/test" in values


def test_moving_averages_go_on_where_they_were(in_process, tmp_path):
    in_process("sngan-train", *SMOKE, *LECAM, "run_dir=run")
    path = RunFolder(tmp_path / "run").checkpoint(4)
    whole = checkpoint.load(path)
    assert int(whole["iteration"]["regularizer"]["0.updates"]) == 4
    path.unlink()
    in_process("sngan-train", "resume=run")
    again = checkpoint.load(path)
    for part in ("regularizer", "discriminator", "generator"):
        assert_same(again["iteration"][part], whole["iteration"][part])


def test_a_checkpoint_that_lost_them_is_not_continued(in_process, tmp_path):
    in_process("sngan-train", *SMOKE, *LECAM, "run_dir=run")
    path = RunFolder(tmp_path / "run").checkpoint(4)
    state = checkpoint.load(path)
    del state["iteration"]["regularizer"]
    checkpoint.save(path, state)
    process = in_process("sngan-train", "resume=run", check=False)
    assert process.returncode == 2
    assert "the checkpoint holds no state of regularizer" in process.stderr


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("regularizer.r1.gamma=-1", "regularizer.r1.gamma must be a number between 0 and"),
        ("regularizer.dragan.noise=x", "regularizer.dragan.noise must be a number between 0 and"),
        ("regularizer.lecam.decay=1", "regularizer.lecam.decay must be a number >= 0 and < 1"),
    ],
)
def test_bad_settings_are_refused_by_name(in_process, tmp_path, word, said):
    method = word.split(".")[1]
    process = in_process("sngan-train", *SMOKE, f"method={method}", word, check=False)
    assert process.returncode == 2
    assert said in process.stderr
    assert not any(tmp_path.iterdir())
