import logging

import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import functional

from sngan.dataset.imagenet import ImageNet

SETTINGS = {"image_size": 8, "crop": 16, "n_classes": 2}


@pytest.fixture
def folder(tmp_path):
    """Four pictures of two classes, one of them too small; returns the folder and the pictures."""
    sizes = {
        "n01/1.jpeg": (16, 16),
        "n01/2.jpeg": (40, 20),
        "n02/3.jpeg": (20, 15),
        "n02/4.jpeg": (17, 30),
    }
    pictures = {}
    for name, size in sizes.items():
        path = tmp_path / "train" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = torch.randint(256, (size[1], size[0], 3), dtype=torch.uint8)
        Image.fromarray(noise.numpy()).save(path, quality=95)
        pictures[name] = Image.open(path).convert("RGB")
    return tmp_path / "train", pictures


def test_large_pictures_are_cropped_at_the_centre_and_scaled(folder, tmp_path, caplog):
    root, pictures = folder
    with caplog.at_level(logging.WARNING):
        data = ImageNet(root, str(tmp_path / "cache"), **SETTINGS).load("train")
    assert "left out 1 of 4 pictures: too small" in caplog.text
    assert data.labels.tolist() == [0, 0, 1]
    assert data.class_names == ("n01", "n02")
    boxes = {
        "n01/1.jpeg": (0, 0, 16, 16),
        "n01/2.jpeg": (12, 2, 28, 18),
        "n02/4.jpeg": (0, 7, 16, 23),
    }
    for image, (name, box) in zip(data.images, boxes.items(), strict=True):
        small = pictures[name].crop(box).resize((8, 8), Image.Resampling.BILINEAR)
        assert torch.equal(image, functional.pil_to_tensor(small)), name


def test_the_copy_is_used_until_the_folder_changes(folder, tmp_path, monkeypatch):
    root, _ = folder
    dataset = ImageNet(root, str(tmp_path / "cache"), **SETTINGS)
    first = dataset.load("train")
    assert not first.resident
    monkeypatch.setattr(ImageNet, "_read", None)
    assert torch.equal(dataset.load("train").images, first.images)
    monkeypatch.undo()
    Image.new("RGB", (16, 16)).save(root / "n02" / "5.jpeg")
    assert len(dataset.load("train")) == 4


def test_another_crop_is_another_copy(folder, tmp_path):
    root, _ = folder
    large = ImageNet(root, str(tmp_path / "cache"), **SETTINGS).load("train")
    small = ImageNet(root, str(tmp_path / "cache"), **{**SETTINGS, "crop": 8}).load("train")
    fresh = ImageNet(root, str(tmp_path / "other"), **{**SETTINGS, "crop": 8}).load("train")
    assert torch.equal(small.images, fresh.images)
    assert not torch.equal(small.images[:1], large.images[:1])


def test_number_of_classes_is_checked_before_anything_is_read(folder, tmp_path):
    with pytest.raises(ValueError, match=r"n_classes is 1000, but .* has 2 folders"):
        ImageNet(folder[0], str(tmp_path / "cache")).load("train")


def test_crop_must_be_large_enough(folder, tmp_path):
    with pytest.raises(ValueError, match="crop must be >= image_size 128, got 64"):
        ImageNet(folder[0], str(tmp_path / "cache"), crop=64)
