"""Every block of ``docs/library.md`` runs as it stands, and is as short as it is said to be."""

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

import sngan
from sngan.dataset.synthetic import SyntheticShapes
from sngan.extractor import inception
from sngan.extractor.parts.inception_weights import SHA256, find_weights

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
TITLES = [re.sub(r"\W+", " ", block)[:40] for block in BLOCKS]
LINES = {"hinge_discriminator_loss(": 30, 'fid("photos", "samples")': 5, "sample(64": 3}
"""What a block is known by, and how many lines it may have."""


@pytest.fixture
def inception_weights_or_random_ones(monkeypatch):
    """Where the published weights are not, blocks run all the same; their numbers mean nothing."""
    try:
        find_weights(None)
    except FileNotFoundError:
        monkeypatch.setattr(inception, "INPUT_SIZE", 75)  # 16 times fewer operations.
        load_weights = inception.load_weights
        monkeypatch.setattr(
            inception,
            "load_weights",
            lambda network, weights, sha256: (load_weights(network, "random:0", sha256)[0], SHA256),
        )


@pytest.fixture
def place(run, tmp_path, monkeypatch):
    """A folder with what the page takes for granted: pictures, and a run."""
    for name in ("photos", "samples"):
        (tmp_path / name).mkdir()
        pictures = SyntheticShapes(image_size=32, num_images=30, seed=len(name)).load("train")
        for index, image in enumerate(pictures.images[: 30 if name == "photos" else 12]):
            array = image.permute(1, 2, 0).numpy()
            Image.fromarray(array).save(tmp_path / name / f"{index:02}.png")
    shutil.copytree(run, tmp_path / "runs" / "cifar10")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("block", BLOCKS, ids=TITLES)
def test_a_block_runs_as_it_stands(block, place, inception_weights_or_random_ones):
    names = {"__name__": "__main__"}
    exec(compile(block, str(PAGE), "exec"), names)
    if "images" in names:
        assert names["images"].shape == (64, 3, 32, 32)
    if "d_loss" in names:
        assert 0 < names["d_loss"].item() < 5


@pytest.mark.parametrize("mark", LINES)
def test_a_block_is_as_short_as_promised(mark):
    (block,) = [block for block in BLOCKS if mark in block]
    assert len([line for line in block.splitlines() if line.strip()]) <= LINES[mark]


def test_the_table_has_every_name():
    table = PAGE.read_text().partition("## All names")[2]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sngan.__all__


def test_the_page_links_to_what_is_there():
    for target in re.findall(r"\]\(([^)#]+)", PAGE.read_text()):
        assert (PAGE.parent / target).exists(), target
