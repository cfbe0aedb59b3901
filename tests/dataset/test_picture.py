"""Against torchvision, which is not imported for it: to the bit."""

import pytest
import torch
from PIL import Image
from torchvision.datasets.folder import IMG_EXTENSIONS, default_loader
from torchvision.transforms.v2 import functional

from sngan.dataset.parts.picture import (
    EXTENSIONS,
    center_crop,
    read_rgb,
    resize,
    resize_shorter_side,
    to_tensor,
)

SIZES = [(32, 32), (33, 32), (37, 61), (100, 31), (31, 100), (7, 9), (1, 5), (301, 300)]


def noise(width, height):
    return Image.fromarray(torch.randint(256, (height, width, 3), dtype=torch.uint8).numpy())


def equal(ours, theirs):
    return ours.size == theirs.size and ours.tobytes() == theirs.tobytes()


def test_extensions():
    assert EXTENSIONS == IMG_EXTENSIONS


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "I;16", "CMYK"])
def test_files_are_read_alike(mode, tmp_path):
    path = tmp_path / ("1.tif" if mode == "CMYK" else "1.png")
    picture = Image.new("I;16", (9, 5), 700) if mode == "I;16" else noise(9, 5).convert(mode)
    picture.save(path)
    ours = read_rgb(path)
    assert ours.mode == "RGB"
    assert equal(ours, default_loader(str(path)))
    assert torch.equal(to_tensor(ours), functional.pil_to_tensor(ours))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", [8, 31, 32])
def test_shorter_side(size, target):
    picture = noise(*size)
    ours = resize_shorter_side(picture, target)
    assert min(ours.size) == target
    assert equal(ours, functional.resize(picture, [target], antialias=True))
    assert equal(center_crop(ours, target), functional.center_crop(ours, [target]))


@pytest.mark.parametrize("size", SIZES)
def test_both_sides(size):
    picture = noise(*size)
    assert equal(resize(picture, 12, 20), functional.resize(picture, [20, 12], antialias=True))


@pytest.mark.parametrize("size", [(8, 8), (9, 8), (8, 11), (10, 13), (11, 21)])
def test_crop(size):
    """Odd margins are halved and rounded to even, as Python rounds."""
    picture = noise(*size)
    assert equal(center_crop(picture, 8), functional.center_crop(picture, [8]))
