import logging

import pytest
import torch
from PIL import Image

from sngan.dataset.image_folder import ImageFolder


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
