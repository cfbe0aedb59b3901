import logging

import numpy as np
import pytest
import torch
from PIL import Image

from sngan.scoring.picture_files import open_pictures


@pytest.fixture
def arrays():
    return np.random.default_rng(0).integers(256, size=(5, 10, 12, 3), dtype=np.uint8)


def write(folder, arrays, suffix=".png"):
    folder.mkdir(parents=True)
    for i, array in enumerate(arrays):
        Image.fromarray(array).save(folder / f"{i}{suffix}")
    return folder


def test_a_folder_an_array_and_a_transposed_array_are_the_same(arrays, tmp_path):
    np.savez(tmp_path / "a.npz", arr_0=arrays)
    np.savez(tmp_path / "b.npz", samples=arrays.transpose(0, 3, 1, 2), labels=np.arange(5))
    names = (write(tmp_path / "png", arrays), tmp_path / "a.npz", tmp_path / "b.npz")
    index = torch.tensor([4, 1])
    expected = torch.from_numpy(arrays[[4, 1]]).permute(0, 3, 1, 2)
    for source in map(open_pictures, names):
        assert source.count == 5
        assert source.is_quantized
        assert torch.equal(source(index), expected)  # At their own size: nothing is resized.


def test_lossy_files_are_spoken_of(arrays, tmp_path, caplog):
    open_pictures(write(tmp_path / "png", arrays))
    assert not caplog.records
    open_pictures(write(tmp_path / "jpg", arrays, ".jpg"))
    assert caplog.records[0].levelno == logging.WARNING
    assert "5 of the 5 pictures" in caplog.text
    assert "lossy" in caplog.text


def test_a_file_of_another_size_is_named(arrays, tmp_path):
    folder = write(tmp_path / "png", arrays)
    Image.new("RGB", (7, 9)).save(folder / "9.png")
    with pytest.raises(ValueError, match=r"of one size: .*9\.png is 7 x 9, .*0\.png is 12 x 10"):
        open_pictures(folder)(torch.arange(6))


def test_a_broken_file_is_named_rather_than_left_out(arrays, tmp_path):
    folder = write(tmp_path / "png", arrays)
    (folder / "3.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"3\.png is not a picture that can be read"):
        open_pictures(folder)(torch.arange(5))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"x": np.zeros((2, 4, 4, 3), np.float32)}, "must hold uint8 pictures"),
        ({"x": np.zeros((2, 4, 4, 4), np.uint8)}, "must hold uint8 pictures"),
        ({"x": np.zeros(2, np.uint8), "y": np.zeros(2)}, "one array of pictures, got 0"),
        ({x: np.zeros((2, 4, 4, 3), np.uint8) for x in "xy"}, "one array of pictures, got 2"),
        ({"x": np.array([{}], dtype=object)}, "is not an .npz file of plain arrays"),
    ],
)
def test_arrays_that_are_no_pictures(content, text, tmp_path):
    np.savez(tmp_path / "x.npz", **content)
    with pytest.raises(ValueError, match=text):
        open_pictures(tmp_path / "x.npz")


def test_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must be a folder or an \.npz file"):
        open_pictures(tmp_path / "nothing")


@pytest.mark.parametrize("damage", ["cut", "flipped", "array"])
def test_damaged_archives(damage, arrays, tmp_path):
    path = tmp_path / "x.npz"
    if damage == "array":  # An .npy file by another name: NumPy returns it bare.
        with path.open("wb") as file:
            np.save(file, arrays)
    else:
        np.savez_compressed(path, arrays)
        whole = path.read_bytes()
        middle = len(whole) // 2
        ends = {"cut": whole[:middle], "flipped": whole[:99] + b"\0" * 300 + whole[399:]}
        path.write_bytes(ends[damage])
    with pytest.raises(ValueError, match=r"is not an \.npz file"):
        open_pictures(path)
