"""A folder with what the pages take for granted."""

import shutil
from pathlib import Path

import pytest
import yaml
from PIL import Image

from sngan.api.training import train
from sngan.commands.reproduce import evaluation_of
from sngan.dataset.synthetic import SyntheticShapes
from sngan.reproduce.cells import compose_cells
from sngan.reproduce.overrides import assign
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.reproduce.targets import read_targets

TABLE = Path(__file__).with_name("commands.yaml")


@pytest.fixture(scope="session")
def table():
    return yaml.safe_load(TABLE.read_text())


@pytest.fixture(scope="session")
def furnished(table, tmp_path_factory):
    """Make the folder once; tests that change it copy it."""
    folder, there = tmp_path_factory.mktemp("place"), table["place"]
    for name in there["pictures"]:
        write_pictures(folder / name)
    first, *others = (folder / name for name in there["runs"])
    words = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=200", "total_steps=1")
    train(*words, run_dir=first)
    for other in others:
        shutil.copytree(first, other)
    (checkpoint,) = first.glob("checkpoints/*.pt")
    for name in there["checkpoints"]:
        shutil.copy(checkpoint, folder / name)
    for name in there["reproductions"]:
        write_plan(folder / name)
    for name in there["files"]:
        touch(folder / name)
    return folder


@pytest.fixture
def place(furnished, tmp_path, monkeypatch):
    """Return a copy of it, in which the test goes on; it is also where users' settings are."""
    folder = shutil.copytree(furnished, tmp_path / "place")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def globbed(table, tmp_path):
    """Return a folder in which every pattern of a page finds something."""
    for name in [*table["globbed"], *table["place"]["files"]]:
        touch(tmp_path / name)
    return tmp_path


def write_pictures(folder):
    for kind in ("one", "two"):
        (folder / kind).mkdir(parents=True)
    images = SyntheticShapes(image_size=32, num_images=40, seed=len(str(folder))).load("train")
    for index, image in enumerate(images.images):
        path = folder / ("one", "two")[index % 2] / f"{index:02}.png"
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(path)


def write_plan(path):
    """Begin a reproduction of one figure; a report says that nothing is there yet."""
    targets = [target for target in read_targets() if target.key == "figure9"]
    shared = assign("smoke", [])
    plan = Plan("smoke", [], evaluation_of(shared), compose_cells(targets, shared, 1))
    Reproduction(path).write_plan(plan)


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
