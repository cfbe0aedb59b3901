"""The download against a loopback server that hands out archives in CIFAR-10's exact format."""

import hashlib
import pickle
import tarfile
import threading

import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR10

from sngan.dataset.cifar10 import Cifar10

PER_BATCH = 7
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Write an archive and teach torchvision its checksums; returns the pictures by split."""
    folder = tmp_path / "made" / CIFAR10.base_folder
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    content = {"train": [], "test": []}
    checksums = {}
    names = {"train": [name for name, _ in CIFAR10.train_list], "test": ["test_batch"]}
    for split, files in names.items():
        for name in files:
            data = random.integers(0, 256, (PER_BATCH, 3072), dtype=np.uint8)
            labels = random.integers(0, 10, PER_BATCH).tolist()
            content[split].append((data, labels))
            checksums[name] = _pickle(folder / name, {"data": data, "labels": labels})
    checksums["batches.meta"] = _pickle(folder / "batches.meta", {"label_names": CLASSES})
    served = tmp_path / "served"
    served.mkdir()
    path = served / CIFAR10.filename
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, CIFAR10.base_folder)
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(path.read_bytes()).hexdigest())
    for attribute in ("train_list", "test_list"):
        known = [[name, checksums[name]] for name, _ in getattr(CIFAR10, attribute)]
        monkeypatch.setattr(CIFAR10, attribute, known)
    meta = {**CIFAR10.meta, "md5": checksums["batches.meta"]}
    monkeypatch.setattr(CIFAR10, "meta", meta)
    return content


def _pickle(path, batch):
    path.write_bytes(pickle.dumps(batch))
    return hashlib.md5(path.read_bytes()).hexdigest()


def test_downloads_once_and_reads_both_splits(tmp_path, archive, host):
    address, asked = host
    dataset = Cifar10(tmp_path / "root", [f"{address}/{CIFAR10.filename}"])
    dataset.load("train")
    del asked[:]
    for split, count in (("train", 5 * PER_BATCH), ("test", PER_BATCH)):
        pictures = dataset.load(split)
        expected = np.concatenate([data for data, _ in archive[split]])
        assert torch.equal(pictures.images.flatten(1), torch.from_numpy(expected))
        assert pictures.images.shape == (count, 3, 32, 32)
        assert pictures.labels.tolist() == [x for _, labels in archive[split] for x in labels]
        assert pictures.class_names == tuple(CLASSES)
    assert not asked


def test_mirrors_are_tried_in_order(tmp_path, archive, host):
    address, asked = host
    (tmp_path / "served" / "corrupt.tar.gz").write_bytes(b"not the archive")
    mirrors = [
        "http://127.0.0.1:9/refused",
        f"{address}/missing.tar.gz",
        f"{address}/corrupt.tar.gz",
        f"{address}/{CIFAR10.filename}",
        f"{address}/never-asked",
    ]
    assert len(Cifar10(tmp_path / "root", mirrors).load("train")) == 5 * PER_BATCH
    in_order = list(dict.fromkeys(asked))  # torchvision first asks where an address leads.
    assert in_order == ["/missing.tar.gz", "/corrupt.tar.gz", f"/{CIFAR10.filename}"]


def test_silent_mirror_does_not_hang_the_run(tmp_path, archive, host, monkeypatch):
    import socket

    address, _ = host
    monkeypatch.setattr("sngan.dataset.parts.download.STALL_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mirrors = [
            f"http://127.0.0.1:{silent.getsockname()[1]}/",
            f"{address}/{CIFAR10.filename}",
        ]
        assert len(Cifar10(tmp_path / "root", mirrors).load("test")) == PER_BATCH
    assert socket.getdefaulttimeout() is None


def test_mirror_that_talks_nonsense(tmp_path, archive, host):
    import socket

    address, _ = host
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            for _ in range(3):
                connection, _ = server.accept()
                connection.recv(1000)
                connection.sendall(b"no HTTP at all\r\n\r\n")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        port = server.getsockname()[1]
        mirrors = [f"http://127.0.0.1:{port}/", "no address", f"{address}/{CIFAR10.filename}"]
        assert len(Cifar10(tmp_path / "root", mirrors).load("test")) == PER_BATCH


def test_half_an_archive_left_behind_is_replaced(tmp_path, archive, host):
    address, _ = host
    root = tmp_path / "root"
    root.mkdir()
    (root / CIFAR10.filename).write_bytes(b"half")
    assert len(Cifar10(root, [f"{address}/{CIFAR10.filename}"]).load("test")) == PER_BATCH


def test_when_every_mirror_fails(tmp_path, archive):
    dataset = Cifar10(tmp_path / "root", ["http://127.0.0.1:9/refused"])
    with pytest.raises(FileNotFoundError, match=r"none of its 1 mirrors(.|\n)*by hand"):
        dataset.load("train")


def test_another_size_is_refused():
    with pytest.raises(ValueError, match="image_size must be 32 for CIFAR-10, got 48"):
        Cifar10("data", [], image_size=48)
