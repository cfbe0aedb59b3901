import logging
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from sngan.dataset.image_folder import ImageFolder
from sngan.dataset.parts import folder_dataset


def write(path, colour=(255, 0, 0), size=(32, 32)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def test_sub_folders_are_classes(tmp_path):
    write(tmp_path / "b" / "1.png", (0, 0, 1))
    write(tmp_path / "a" / "deep" / "2.png", (0, 0, 2))
    write(tmp_path / "a" / "1.PNG", (0, 0, 3))
    (tmp_path / "a" / "notes.txt").write_text("not a picture")
    pictures = ImageFolder(str(tmp_path)).load("train")
    assert pictures.class_names == ("a", "b")
    assert pictures.labels.tolist() == [0, 0, 1]
    assert pictures.images[:, :, 0, 0].tolist() == [[0, 0, 3], [0, 0, 2], [0, 0, 1]]
    assert pictures.images.shape == (3, 3, 32, 32)
    assert pictures.images.dtype == torch.uint8


def test_flat_folder_is_one_class(tmp_path):
    write(tmp_path / "1.png")
    assert ImageFolder(str(tmp_path)).load("train").labels.tolist() == [0]


def test_other_sizes_are_scaled_by_the_shorter_side_and_cropped(tmp_path):
    picture = Image.new("RGB", (192, 64), (0, 0, 255))
    picture.paste((255, 255, 255), (64, 0, 128, 64))  # The middle third.
    picture.save(tmp_path / "wide.png")
    images = ImageFolder(str(tmp_path), image_size=16).load("train").images
    assert images.shape == (1, 3, 16, 16)
    assert images[0, :, :, 1:-1].min() == 255  # The edges are blended by the antialiasing.


def test_size_that_fits_is_left_alone(tmp_path):
    noise = torch.randint(256, (16, 16, 3), dtype=torch.uint8)
    Image.fromarray(noise.numpy()).save(tmp_path / "1.png")
    images = ImageFolder(str(tmp_path), image_size=16).load("train").images
    assert torch.equal(images[0], noise.permute(2, 0, 1))


def test_grey_and_transparent_pictures_become_rgb(tmp_path):
    Image.new("L", (8, 8), 7).save(tmp_path / "1.png")
    Image.new("RGBA", (8, 8), (1, 2, 3, 0)).save(tmp_path / "2.png")
    images = ImageFolder(str(tmp_path), image_size=8).load("train").images
    assert images[:, :, 0, 0].tolist() == [[7, 7, 7], [1, 2, 3]]


def test_broken_pictures_are_left_out_with_a_warning(tmp_path, caplog):
    for index in range(4):
        write(tmp_path / f"{index}.png", (index, 0, 0))
    (tmp_path / "1.png").write_bytes(b"not a picture")
    whole = (tmp_path / "2.png").read_bytes()
    (tmp_path / "2.png").write_bytes(whole[: len(whole) // 2])
    with caplog.at_level(logging.WARNING):
        pictures = ImageFolder(str(tmp_path)).load("train")
    assert pictures.images[:, 0, 0, 0].tolist() == [0, 3]
    assert "left out 2 of 4 pictures" in caplog.text
    assert "1.png" in caplog.text
    assert "2.png" in caplog.text


def test_hidden_names_are_passed_over(tmp_path):
    write(tmp_path / "1.png")
    write(tmp_path / ".thumbs" / "2.png")
    write(tmp_path / ".3.png")
    pictures = ImageFolder(str(tmp_path)).load("train")
    assert len(pictures) == 1
    assert pictures.class_names == (".",)


def test_pictures_beside_class_folders_are_not_lost_in_silence(tmp_path):
    write(tmp_path / "1.png")
    write(tmp_path / "a" / "2.png")
    with pytest.raises(ValueError, match="class folders and 1 pictures beside them"):
        ImageFolder(str(tmp_path)).load("train")


def test_picture_of_absurd_size_counts_as_broken(tmp_path, monkeypatch):
    write(tmp_path / "1.png")
    write(tmp_path / "2.png", size=(64, 64))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 32 * 32)
    assert len(ImageFolder(str(tmp_path)).load("train")) == 1


def test_only_broken_pictures(tmp_path):
    (tmp_path / "1.png").write_bytes(b"")
    with pytest.raises(ValueError, match="none of the 1 pictures"):
        ImageFolder(str(tmp_path)).load("train")


def test_no_pictures(tmp_path):
    with pytest.raises(ValueError, match="holds no pictures"):
        ImageFolder(str(tmp_path)).load("train")


def test_missing_folder_is_found_before_loading(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"root must be an existing folder"):
        ImageFolder(str(tmp_path / "nope"))


def test_test_split_needs_its_folder(tmp_path):
    write(tmp_path / "train" / "1.png")
    write(tmp_path / "test" / "1.png", (9, 9, 9))
    train = str(tmp_path / "train")
    with pytest.raises(ValueError, match="test_root must name the folder"):
        ImageFolder(train).load("test")
    pictures = ImageFolder(train, test_root=str(tmp_path / "test")).load("test")
    assert pictures.images[0, 0, 0, 0] == 9


def test_a_memory_mapped_copy_holds_the_same(tmp_path):
    for index in range(5):
        write(tmp_path / "pictures" / "ab"[index % 2] / f"{index}.png", (index, 2 * index, 7))
    (tmp_path / "pictures" / "a" / "broken.png").write_bytes(b"not a picture")
    in_memory = ImageFolder(str(tmp_path / "pictures")).load("train")
    mapped = ImageFolder(str(tmp_path / "pictures"), cache=str(tmp_path / "copy")).load("train")
    assert torch.equal(in_memory.images, mapped.images)
    assert torch.equal(in_memory.labels, mapped.labels)
    assert in_memory.class_names == mapped.class_names
    assert (in_memory.resident, mapped.resident) == (True, False)


def test_a_copy_among_the_pictures_is_refused(tmp_path):
    """It would be a class at the next start, and a class of its name would be in its way."""
    write(tmp_path / "pictures" / "train_32" / "1.png")
    for cache in ("pictures", "pictures/deep"):
        with pytest.raises(ValueError, match=r"cache must lie outside"):
            ImageFolder(str(tmp_path / "pictures"), cache=str(tmp_path / cache))
    with pytest.raises(ValueError, match="holds something else"):
        ImageFolder(str(tmp_path / "pictures/train_32"), cache=str(tmp_path / "pictures")).load(
            "train"
        )
    assert (tmp_path / "pictures" / "train_32" / "1.png").exists()


def test_number_of_classes_is_checked(tmp_path):
    write(tmp_path / "a" / "1.png")
    assert len(ImageFolder(str(tmp_path), n_classes=1).load("train")) == 1
    with pytest.raises(ValueError, match=r"n_classes is 3, but .* has 1 folders"):
        ImageFolder(str(tmp_path), n_classes=3).load("train")


@pytest.fixture
def three(tmp_path):
    """Three classes, no picture of the second of which can be decoded; the last colour is told."""
    for colour, name in enumerate("abbcc"):
        write(tmp_path / "three" / name / f"{colour}.png", (colour, 0, 0))
    for path in (tmp_path / "three" / "b").iterdir():
        path.write_bytes(path.read_bytes()[:50])
    return tmp_path / "three"


@pytest.mark.parametrize("cache", [None, "copy"])
def test_a_class_of_which_nothing_can_be_decoded_is_none(cache, three, tmp_path, caplog):
    """A conditional network would draw it for fakes, and never see it."""
    cache = cache and str(tmp_path / cache)
    for _ in range(2):
        pictures = ImageFolder(str(three), cache=cache).load("train")
        assert pictures.class_names == ("a", "c")
        assert pictures.labels.tolist() == [0, 1, 1]
        assert pictures.images[:, 0, 0, 0].tolist() == [0, 3, 4]
        assert "left out 1 of 3 classes: no picture in it that can be used: b" in caplog.text
        caplog.clear()


@pytest.mark.parametrize("cache", [None, "copy"])
def test_classes_are_counted_by_what_can_be_used(cache, three, tmp_path):
    cache = cache and str(tmp_path / cache)
    assert len(ImageFolder(str(three), n_classes=2, cache=cache).load("train")) == 3
    with pytest.raises(ValueError, match=r"n_classes is 3, but .* has 2 folders of pictures"):
        ImageFolder(str(three), n_classes=3, cache=cache).load("train")


def test_what_a_look_finds_is_said_before_a_copy_is_made(three, tmp_path, monkeypatch):
    """It may take hours."""
    monkeypatch.setattr(ImageFolder, "_read", None)
    with pytest.raises(ValueError, match=r"n_classes is 3, but .* has 2 folders"):
        ImageFolder(str(three), n_classes=3, cache=str(tmp_path / "copy")).load("train")
    for path in three.glob("*/*"):
        path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(ValueError, match="none of the 5 pictures"):
        ImageFolder(str(three), cache=str(tmp_path / "copy")).load("train")


def test_room_for_a_copy_is_asked_for_before_it_is_made(three, tmp_path, monkeypatch):
    """Of the five pictures only the three that can be used count."""
    needed = 3 * 3 * 32 * 32
    usage = shutil.disk_usage(tmp_path)
    for free in (needed - 1, needed):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        dataset = ImageFolder(str(three), cache=str(tmp_path / "new" / "copy"))
        if free < needed:
            monkeypatch.setattr(ImageFolder, "_read", None)
            with pytest.raises(OSError, match=r"needs 0\.00 GB in .*, where 0\.00 GB are free"):
                dataset.load("train")
            monkeypatch.undo()
        else:
            assert len(dataset.load("train")) == 3


def test_a_copy_tells_how_much_was_left_out_of_it(three, tmp_path, caplog):
    dataset = ImageFolder(str(three), cache=str(tmp_path / "copy"))
    dataset.load("train")
    assert "left out 2 of 5 pictures: not decodable" in caplog.text
    assert "has 3 of 5" not in caplog.text
    caplog.clear()
    dataset.load("train")
    assert "train_32 has 3 of 5 pictures" in caplog.text


def test_a_picture_of_extreme_shape_is_left_out(tmp_path, caplog):
    """Its shorter side scaled to 32, it would have two billion pixels."""
    write(tmp_path / "1.png")
    for name, size in (("tall", (1, 2_000_000)), ("wide", (2_000_000, 1))):
        Image.new("L", size).save(tmp_path / f"{name}.png")
    write(tmp_path / "slim.png", size=(2, 60))
    assert len(ImageFolder(str(tmp_path)).load("train")) == 2
    assert "left out 2 of 4 pictures: so long that" in caplog.text


def test_names_that_are_no_text_do_no_harm(tmp_path, caplog):
    folder = tmp_path / "pictures" / os.fsdecode(b"caf\xe9")
    write(folder / os.fsdecode(b"\xe9.png"))
    (folder / os.fsdecode(b"\xf6.png")).write_bytes(b"")
    for cache in (None, str(tmp_path / "copy"), str(tmp_path / "copy")):
        pictures = ImageFolder(str(tmp_path / "pictures"), cache=cache).load("train")
        assert len(pictures) == 1
        assert pictures.class_names == (r"caf\xe9",)
    assert r"left out 1 of 2 pictures: not decodable: " in caplog.text
    assert r"caf\xe9/\xf6.png" in caplog.text


def test_copies_of_an_older_way_to_read_are_made_anew(tmp_path, monkeypatch):
    """They may hold saturated pictures."""
    Image.fromarray(np.full((32, 32), 700, np.uint16)).save(tmp_path / "1.png")
    dataset = ImageFolder(str(tmp_path), cache=f"{tmp_path}.copy")
    monkeypatch.setattr(folder_dataset, "READING", 0)
    monkeypatch.setattr(ImageFolder, "_decode", lambda *_: torch.full((3, 32, 32), 255).byte())
    assert dataset.load("train").images.max() == 255
    monkeypatch.undo()
    assert dataset.load("train").images.max() == 700 >> 8


def test_large_pictures_are_read_in_smaller_pieces(tmp_path, monkeypatch):
    for index in range(5):
        write(tmp_path / f"{index}.png", (index, 0, 0))
    monkeypatch.setattr(folder_dataset, "AHEAD_BYTES", 2 * 3 * 32 * 32)
    dataset = ImageFolder(str(tmp_path))
    listing = folder_dataset.list_pictures(tmp_path)
    assert [len(images) for images, _ in dataset._read(listing)] == [2, 2, 1]
    assert dataset.load("train").images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]


PEAK = """
import sys
from pathlib import Path
from sngan.dataset.image_folder import ImageFolder

def kib(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1])

# The peak that `getrusage` gives would begin with that of the process this one was started by.
Path("/proc/self/clear_refs").write_text("5")
before = kib("VmRSS")
images = ImageFolder(sys.argv[1], image_size=256).load("train").images
print((kib("VmHWM") - before) * 1024 / images.numel())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="others count memory in other units")
def test_memory_holds_the_pictures_once(tmp_path):
    """400 MB of them, and what is read ahead; twice as many if they were gathered in pieces."""
    Image.new("RGB", (256, 256)).save(tmp_path / "0.png")
    for index in range(1, 2000):
        (tmp_path / f"{index}.png").symlink_to("0.png")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PEAK, str(tmp_path)]
    process = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
    assert 0.9 < float(process.stdout) < 1.9


def test_more_than_memory_holds_is_refused_with_advice(tmp_path, monkeypatch):
    write(tmp_path / "1.png")

    def none_left(*_shape, **_kind):
        raise RuntimeError("not enough memory")

    monkeypatch.setattr(torch, "empty", none_left)
    with pytest.raises(ValueError, match=r"need 0\.1 GB of memory, more than .*dataset.cache=DIR"):
        ImageFolder(str(tmp_path), image_size=4096).load("train")


def test_grey_pictures_are_kept_as_one_channel_and_colour_becomes_its_luma(tmp_path):
    root = tmp_path / "pictures"
    write(root / "colour.png", (255, 0, 0))
    Image.new("L", (32, 32), 7).save(root / "grey.png")
    Image.new("I;16", (32, 32), 9 * 256).save(root / "wide.png")
    images = ImageFolder(root, channels=1).load("train").images
    assert images.shape == (3, 1, 32, 32)
    assert images[:, 0, 0, 0].tolist() == [76, 7, 9]


def test_a_copy_of_grey_pictures_lies_beside_that_in_colour(tmp_path, caplog):
    root, cache = tmp_path / "pictures", tmp_path / "cache"
    for number in range(3):
        write(root / f"{number}.png", (number, number, number))
    caplog.set_level(logging.INFO)
    for channels in (1, 3, 1, 3):
        images = ImageFolder(root, cache=cache, channels=channels).load("train").images
        assert images.shape == (3, channels, 32, 32)
        assert images[:, 0, 0, 0].tolist() == [0, 1, 2]
    assert sum("making" in line for line in caplog.messages) == 2


@pytest.mark.parametrize("channels", [0, 2, 4, "1", None, 1.5])
def test_pictures_are_grey_or_rgb(tmp_path, channels):
    with pytest.raises(ValueError, match=r"^channels must be one of 1, 3, got"):
        ImageFolder(tmp_path, channels=channels)
