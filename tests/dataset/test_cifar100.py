"""The download against a loopback server that hands out an archive in CIFAR-100's exact format."""

import hashlib
import pickle
import tarfile

import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR100

from sngan.dataset.cifar100 import Cifar100

NAMES = [f"class {index}" for index in range(100)]


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Write an archive and teach torchvision its checksums; returns pictures and labels."""
    folder = tmp_path / "made" / CIFAR100.base_folder
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    content, checksums = {}, {}
    for split, count in (("train", 9), ("test", 4)):
        data = random.integers(0, 256, (count, 3072), dtype=np.uint8)
        labels = random.integers(0, 100, count).tolist()
        content[split] = (data, labels)
        batch = {"data": data, "fine_labels": labels, "coarse_labels": [0] * count}
        checksums[split] = _pickle(folder / split, batch)
    checksums["meta"] = _pickle(folder / "meta", {"fine_label_names": NAMES})
    served = tmp_path / "served"
    served.mkdir()
    with tarfile.open(served / CIFAR100.filename, "w:gz") as tar:
        tar.add(folder, CIFAR100.base_folder)
    digest = hashlib.md5((served / CIFAR100.filename).read_bytes()).hexdigest()
    monkeypatch.setattr(CIFAR100, "tgz_md5", digest)
    monkeypatch.setattr(CIFAR100, "train_list", [["train", checksums["train"]]])
    monkeypatch.setattr(CIFAR100, "test_list", [["test", checksums["test"]]])
    monkeypatch.setattr(CIFAR100, "meta", {**CIFAR100.meta, "md5": checksums["meta"]})
    return content


def _pickle(path, batch):
    path.write_bytes(pickle.dumps(batch))
    return hashlib.md5(path.read_bytes()).hexdigest()


def test_downloads_once_and_reads_fine_labels(tmp_path, archive, host):
    address, asked = host
    dataset = Cifar100(tmp_path / "root", [f"{address}/{CIFAR100.filename}"])
    dataset.load("train")
    del asked[:]
    for split in ("train", "test"):
        pictures = dataset.load(split)
        data, labels = archive[split]
        assert torch.equal(pictures.images.flatten(1), torch.from_numpy(data))
        assert pictures.labels.tolist() == labels
        assert pictures.class_names == tuple(NAMES)
    assert not asked


def test_size_and_classes_are_fixed():
    with pytest.raises(ValueError, match="n_classes must be 100 for CIFAR-100, got 10"):
        Cifar100("x", [], n_classes=10)
