"""MNIST of files in its exact format, as torchvision reads them, and from a loopback server."""

import gzip
import hashlib

import numpy as np
import pytest
import torch
from torchvision.datasets import MNIST

import sngan
from sngan.dataset.mnist import Mnist

COUNTS = {"train": 7, "test": 3}


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Write the four files and teach torchvision their checksums; returns their folder."""
    folder = tmp_path / "served"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name, count in (("train", COUNTS["train"]), ("t10k", COUNTS["test"])):
        digits = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = random.integers(0, 10, count, dtype=np.uint8)
        for kind, values in (("images-idx3", digits), ("labels-idx1", labels)):
            # Two zeros, 8 for bytes, the number of dimensions; then those, big-endian.
            header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">i4").tobytes()
            content = gzip.compress(header + values.tobytes(), mtime=0)
            (folder / f"{name}-{kind}-ubyte.gz").write_bytes(content)
    known = [
        (name, hashlib.md5((folder / name).read_bytes()).hexdigest()) for name, _ in MNIST.resources
    ]
    monkeypatch.setattr(MNIST, "resources", known)
    return folder


def test_pictures_are_torchvision_s_in_the_middle_of_black(served, host, tmp_path):
    address, asked = host
    dataset = Mnist(tmp_path / "root", [f"{address}/"])
    pictures = {split: dataset.load(split) for split in COUNTS}
    assert sorted(asked) == sorted(f"/{name}" for name, _ in MNIST.resources)
    raw = tmp_path / "root/MNIST/raw"
    for path in raw.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    for split, found in pictures.items():
        theirs = MNIST(tmp_path / "root", train=split == "train")
        assert found.images.shape == (COUNTS[split], 1, 32, 32)
        assert torch.equal(found.images[:, 0, 2:30, 2:30], theirs.data)
        assert found.images.sum() == theirs.data.sum()
        assert torch.equal(found.labels, theirs.targets)
        assert found.class_names[3] == "three"
        assert len(found.class_names) == 10


def test_it_is_fetched_once_and_what_torchvision_fetched_does(served, host, tmp_path):
    address, asked = host
    raw = tmp_path / "root/MNIST/raw"
    raw.mkdir(parents=True)
    for path in served.iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
        (raw / path.stem).touch()  # What it unpacked is beside them.
    Mnist(tmp_path / "root", []).load("train")
    (raw / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")
    Mnist(tmp_path / "root", [f"{address}/missing", address]).load("train")
    name = "train-images-idx3-ubyte.gz"
    assert list(dict.fromkeys(asked)) == [f"/missing/{name}", f"/{name}"]


def test_another_side_and_three_channels(served, host, tmp_path):
    address, _ = host
    small, large = (
        Mnist(tmp_path / "root", [address], side, channels).load("test").images
        for side, channels in ((28, 1), (48, 3))
    )
    assert small.shape[1:] == (1, 28, 28)
    assert large.shape[1:] == (3, 48, 48)
    for channel in range(3):
        assert torch.equal(large[:, channel, 10:38, 10:38], small[:, 0])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"image_size": 24}, "image_size must be even and at least 28 for MNIST, got 24"),
        ({"image_size": 33}, "image_size must be even and at least 28 for MNIST, got 33"),
        ({"n_classes": 11}, "n_classes must be 10 for MNIST, got 11"),
        ({"channels": 2}, "channels must be one of 1, 3, got 2"),
    ],
)
def test_what_is_not_of_the_data(settings, said):
    with pytest.raises(ValueError, match=said):
        Mnist("x", [], **settings)


def test_a_folder_with_other_things_is_left_alone(served, host, tmp_path):
    address, asked = host
    raw = tmp_path / "MNIST/raw"
    raw.mkdir(parents=True)
    (raw / "mine.png").touch()
    with pytest.raises(ValueError, match=r"root must be an empty folder or one with MNIST .* mine"):
        Mnist(tmp_path, [address]).load("train")
    assert not asked


def test_when_no_mirror_delivers(served, tmp_path):
    dataset = Mnist(tmp_path, ["http://127.0.0.1:9/"])
    with pytest.raises(FileNotFoundError, match=r"put train-images-idx3-ubyte.gz \(MD5"):
        dataset.load("train")


def test_a_conditional_network_learns_it(served, host, in_process, tmp_path):
    address, _ = host
    in_process(
        "sngan-train", "dataset=mnist", f"dataset.mirrors=[{address}]", "+scale=smoke",
        "architecture=resnet_cifar", "architecture.conditioning=projection",
        "architecture.n_classes=10", "total_steps=1", "run_dir=run", "setting.batch_size=2",
    )  # fmt: skip
    generator = sngan.load_generator(tmp_path / "run")
    assert generator.sample(2, classes="seven").shape == (2, 1, 32, 32)
    assert generator.class_names[7] == "seven"
