"""Other ways to train than the paper's: they resume bit for bit, like it."""

import re

import numpy as np
import pytest
import torch
from PIL import Image

from sngan.run_folder import checkpoint

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=200", "checkpoint_every=2")
WAYS = {
    "rmsprop": ("optimizer=rmsprop", "schedule=cosine", "optimizer.discriminator.lr=0.01"),
    "parts": ("accumulation=2", "gradient_clipping.max_norm=0.1", "method=wgan_gp"),
    "sgd": ("optimizer=sgd", "schedule=step", "optimizer.momentum=0.9"),
}


def tensors_of(node, place=""):
    if isinstance(node, torch.Tensor):
        yield place, node
    elif isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from tensors_of(value, f"{place}.{key}")


@pytest.mark.parametrize("way", WAYS)
def test_a_resumed_run_equals_an_uninterrupted_one(way, in_process, tmp_path):
    in_process("sngan-train", *SMOKE, *WAYS[way], "run_dir=whole")
    half = "whole/checkpoints/step_0000002.pt"
    in_process("sngan-train", f"resume={half}", "run_dir=again")
    ends = [
        dict(tensors_of(checkpoint.load(tmp_path / run / "checkpoints" / "step_0000004.pt")))
        for run in ("whole", "again")
    ]
    assert ends[0].keys() == ends[1].keys()
    different = [name for name, value in ends[0].items() if not torch.equal(value, ends[1][name])]
    assert not different


@pytest.mark.parametrize("schedule", ["cosine", "step"])
def test_the_length_of_a_run_with_a_schedule_is_fixed(schedule, in_process):
    in_process("sngan-train", *SMOKE, f"schedule={schedule}", "run_dir=run")
    process = in_process("sngan-train", "resume=run", "total_steps=9", check=False)
    assert process.returncode == 2
    assert "total_steps=9 would change the learning rates" in process.stderr


def test_a_constant_rate_may_go_on(in_process, tmp_path):
    words = ("schedule=constant", "setting.lr_decay_start=0")
    in_process("sngan-train", *SMOKE, *words, "run_dir=run")
    in_process("sngan-train", "resume=run", "total_steps=5")
    assert (tmp_path / "run" / "checkpoints" / "step_0000005.pt").exists()


def test_grey_pictures_from_a_folder_to_scores(in_process, tmp_path):
    """Samples are grey files; an extractor sees three equal channels, and the line says so."""
    values = np.random.default_rng(0).integers(0, 256, (70, 16, 16), dtype=np.uint8)
    (tmp_path / "pictures").mkdir()
    for number, picture in enumerate(values):
        Image.fromarray(picture).save(tmp_path / "pictures" / f"{number}.png")
    words = ("dataset=image_folder", "dataset.root=pictures", "dataset.channels=1")
    size = ("dataset.image_size=16", "architecture=resnet_cifar")
    in_process("sngan-train", "+scale=smoke", *words, *size, "run_dir=run")
    with Image.open(tmp_path / "run" / "samples" / "step_0000004.png") as grid:
        assert grid.mode == "L"
    in_process("sngan-sample", "run", "--count", "30", "--out", "samples")
    small = [f"protocol.quickstart.{x}=20" for x in ("num_generated", "num_generated_fid")]
    score = ("extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=quickstart")
    few = ("protocol.quickstart.num_real=30", "protocol.quickstart.real_split=train")
    of_run = in_process("sngan-eval", "run", *score, *small, *few).stdout
    assert "20 samples (round, grey as three equal channels)" in " ".join(of_run.split())
    # The same pictures as files, which are read as RGB.
    of_files = in_process(
        "sngan-eval", "--images", "samples", "reference=pictures", *score, *small, *few
    ).stdout
    assert "grey" not in of_files
    found = [re.findall(r"\d+\.\d{3}", text) for text in (of_run, of_files)]
    assert found[0]
    assert found[0][-1] == found[1][-1]


def test_without_a_word_nothing_begins(in_process, tmp_path):
    process = in_process("sngan-train", check=False)
    assert process.returncode == 2
    for text in ("+experiment=cifar10", "dataset=image_folder dataset.root=DIR", "synthetic"):
        assert text in process.stderr
    assert not list(tmp_path.iterdir())
