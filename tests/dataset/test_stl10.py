"""Small files in STL-10's exact format: bytes, channel by channel, column by column."""

import hashlib
import tarfile

import numpy as np
import pytest
import torch
from torchvision.datasets import STL10
from torchvision.transforms.v2 import functional

from sngan.dataset import stl10
from sngan.dataset.stl10 import Stl10

COUNTS = {"unlabeled": 5, "train": 3, "test": 4}


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Write an archive and teach torchvision its checksums; returns the pictures by part."""
    folder = tmp_path / "made" / STL10.base_folder
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    content, known = {}, {}
    for part, count in COUNTS.items():
        images = random.integers(0, 256, (count, 3, 96, 96), dtype=np.uint8)
        content[part] = torch.from_numpy(images)
        (folder / f"{part}_X.bin").write_bytes(images.transpose(0, 1, 3, 2).tobytes())
        if part != "unlabeled":
            (folder / f"{part}_y.bin").write_bytes(bytes(range(1, count + 1)))
    for path in folder.iterdir():
        known[path.name] = hashlib.md5(path.read_bytes()).hexdigest()
    served = tmp_path / "served"
    served.mkdir()
    with tarfile.open(served / STL10.filename, "w:gz") as tar:
        tar.add(folder, STL10.base_folder)
    digest = hashlib.md5((served / STL10.filename).read_bytes()).hexdigest()
    monkeypatch.setattr(STL10, "tgz_md5", digest)
    for attribute in ("train_list", "test_list"):
        lists = [[name, known[name]] for name, _ in getattr(STL10, attribute)]
        monkeypatch.setattr(STL10, attribute, lists)
    monkeypatch.setattr(stl10, "CHUNK", 2)
    return content


@pytest.fixture
def dataset(tmp_path, archive, host):
    address, _ = host
    return lambda **settings: Stl10(
        tmp_path / "root", [f"{address}/missing", f"{address}/{STL10.filename}"], **settings
    )


def test_trains_on_the_unlabeled_pictures_and_tests_on_the_test_split(dataset, archive):
    pictures = dataset(image_size=96).load("train")
    assert torch.equal(pictures.images, archive["unlabeled"])
    assert pictures.labels.tolist() == [0] * 5
    assert pictures.class_names == ("all",)
    assert pictures.resident
    test = dataset(image_size=96).load("test")
    assert torch.equal(test.images, archive["test"])
    assert test.labels.tolist() == [0, 1, 2, 3]
    assert test.class_names[2] == "car"


@pytest.mark.parametrize("filter", ["bilinear", "bicubic"])
def test_scales_as_torchvision_does(dataset, archive, filter):
    images = dataset(filter=filter).load("train").images
    assert images.shape == (5, 3, 48, 48)
    expected = functional.resize(
        archive["unlabeled"].float(),
        [48, 48],
        getattr(functional.InterpolationMode, filter.upper()),
    )
    assert torch.equal(images, expected.round().clamp(0, 255).to(torch.uint8))


def test_area_is_the_mean_of_squares(dataset, archive):
    images = dataset(filter="area").load("train").images
    squares = archive["unlabeled"].float().unflatten(2, (48, 2)).unflatten(4, (48, 2))
    assert torch.equal(images, squares.mean(dim=(3, 5)).round().to(torch.uint8))


def test_downloads_and_scales_once(dataset, host, monkeypatch):
    _, asked = host
    first = dataset().load("train")
    assert list(dict.fromkeys(asked)) == ["/missing", f"/{STL10.filename}"]
    del asked[:]
    monkeypatch.setattr(Stl10, "_scaled", None)
    assert torch.equal(dataset().load("train").images, first.images)
    assert not asked


def test_sizes_and_filters_do_not_share_a_cache(dataset):
    assert dataset(filter="area").load("train").images.shape[2] == 48
    assert dataset(image_size=32, filter="area").load("train").images.shape[2] == 32
    assert not torch.equal(
        dataset(filter="area").load("train").images, dataset(filter="bicubic").load("train").images
    )


def test_other_parts(dataset, archive):
    pictures = dataset(image_size=96, parts=["train", "test"]).load("train")
    assert torch.equal(pictures.images, torch.cat([archive["train"], archive["test"]]))
    assert pictures.labels.tolist() == [0, 1, 2, 0, 1, 2, 3]
    assert len(pictures.class_names) == 10
    mixed = dataset(image_size=96, parts=["train", "unlabeled"]).load("train")
    assert mixed.labels.tolist() == [0] * 8


def test_damaged_files_are_fetched_again(dataset, tmp_path, archive):
    dataset().load("train")
    path = tmp_path / "root" / STL10.base_folder / "unlabeled_X.bin"
    path.write_bytes(path.read_bytes()[:-1])
    assert torch.equal(dataset(image_size=96).load("train").images, archive["unlabeled"])


def test_no_mirror_delivers(tmp_path, host):
    address, _ = host
    with pytest.raises(
        FileNotFoundError, match=r"(?s)root must hold STL-10, got.*put stl10_binary"
    ):
        Stl10(tmp_path / "root", [f"{address}/missing"]).load("train")


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"image_size": 128}, "image_size must be an integer between 8 and 96, got 128"),
        ({"filter": "box"}, "filter must be one of bilinear, bicubic, area, got box"),
        ({"parts": ["all"]}, "parts must be one of unlabeled, train, test or a list of 1"),
        ({"n_classes": 10}, "n_classes is 10, but parts are"),
        ({"parts": []}, r"parts must be one of unlabeled, train, test or a list .* got \[\]"),
    ],
)
def test_wrong_settings(setting, text):
    with pytest.raises(ValueError, match=text):
        Stl10("x", [], **setting)


def test_a_single_part_may_be_a_word():
    assert Stl10("x", [], parts="train", n_classes=10).parts == ("train",)
