"""Against torchvision, which is not imported for it: to the bit; and what it would spoil."""

import os
import struct
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets.folder import IMG_EXTENSIONS, default_loader
from torchvision.transforms.v2 import functional

from sngan.dataset.parts import picture as module
from sngan.dataset.parts.budget import Budget
from sngan.dataset.parts.geometry import center_crop, resize, resize_shorter_side
from sngan.dataset.parts.picture import (
    EXTENSIONS,
    UnusablePictureError,
    look,
    quiet,
    read_rgb,
    to_tensor,
)

SIZES = [(32, 32), (33, 32), (37, 61), (100, 31), (31, 100), (7, 9), (1, 5), (301, 300)]


def noise(width, height):
    return Image.fromarray(torch.randint(256, (height, width, 3), dtype=torch.uint8).numpy())


def equal(ours, theirs):
    return ours.size == theirs.size and ours.tobytes() == theirs.tobytes()


def test_extensions():
    assert EXTENSIONS == IMG_EXTENSIONS


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "LAB"])
def test_files_are_read_alike(mode, tmp_path):
    path = tmp_path / ("1.tif" if mode in ("CMYK", "YCbCr", "LAB") else "1.png")
    picture = Image.new(mode, (9, 5)) if mode == "LAB" else noise(9, 5).convert(mode)
    picture.save(path, compression="tiff_lzw")  # PIL before 13 reads no plain YCbCr.
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


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("animated.png", {"save_all": True, "append_images": [noise(9, 5)]}),
        ("animated.webp", {"save_all": True, "append_images": [noise(9, 5)], "lossless": True}),
        ("pages.tif", {"save_all": True, "append_images": [noise(9, 5)]}),
        ("palette.png", {"transparency": bytes(range(256))}),
        ("turned.jpg", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"}),
        ("really_a_gif.png", {"format": "GIF"}),
        ("rgb.ppm", {}),
        ("windows.bmp", {}),
    ],
)
def test_odd_files_are_read_alike_too(name, settings, tmp_path):
    """The first of several pictures; tags of orientation are ignored, and so are names."""
    picture = noise(9, 5).convert("P") if name.startswith("palette") else noise(9, 5)
    picture.save(tmp_path / name, **settings)
    with quiet():
        ours, theirs = read_rgb(tmp_path / name), default_loader(str(tmp_path / name))
    assert ours.size == (9, 5)
    assert equal(ours, theirs)


DEEP = np.random.default_rng(0).integers(65536, size=(5, 9), dtype=np.uint16)
UPPER = (DEEP >> 8).astype(np.uint8)


def tiff(samples, order, bits, photometric, sample_format=1):
    """Return a grey TIFF file of one strip; PIL writes fewer kinds than it reads."""
    tags = {
        256: 9, 257: 5, 258: bits, 259: 1, 262: photometric, 273: 8, 277: 1, 278: 5,
        279: len(samples), 339: sample_format,
    }  # fmt: skip
    samples += bytes(len(samples) % 2)
    entries = [struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in tags.items()]
    head = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8 + len(samples))
    end = struct.pack(order + "I", 0)
    return head + samples + struct.pack(order + "H", len(tags)) + b"".join(entries) + end


def twelve_bits():
    bits = [np.unpackbits(DEEP.byteswap().view(np.uint8).reshape(5, 18), axis=1)]
    return np.packbits(bits[0].reshape(5, 9, 16)[..., :12].reshape(5, -1), axis=1).tobytes()


def saved(array, suffix):
    file = BytesIO()
    Image.fromarray(array).save(file, suffix)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(saved(DEEP, "PNG"), UPPER, id="png"),
        pytest.param(saved(DEEP, "TIFF"), UPPER, id="tiff"),
        pytest.param(saved(DEEP, "PPM"), UPPER, id="pgm"),
        pytest.param(b"P5 9 5 4095\n" + (DEEP >> 4).astype(">u2").tobytes(), UPPER, id="pgm of 12"),
        pytest.param(tiff(DEEP.astype(">u2").tobytes(), ">", 16, 1), UPPER, id="big-endian tiff"),
        pytest.param(tiff(DEEP.tobytes(), "<", 16, 0), 255 - UPPER, id="tiff with white 0"),
        pytest.param(tiff(twelve_bits(), "<", 12, 1), UPPER, id="tiff of 12"),
        pytest.param(b"P6 3 5 65535\n" + DEEP.astype(">u2").tobytes(), None, id="colour"),
    ],
)
def test_pixels_of_more_than_8_bits_keep_their_upper_8(content, expected, tmp_path):
    """Torchvision cuts grey ones off at 255. In colour it takes the upper 8, and so do we."""
    (tmp_path / "deep.png").write_bytes(content)
    ours = np.asarray(read_rgb(tmp_path / "deep.png"))
    if expected is None:
        assert equal(Image.fromarray(ours), default_loader(str(tmp_path / "deep.png")))
        assert np.abs(ours.reshape(5, 9).astype(int) - UPPER).max() <= 1  # PIL rounds in this case.
    else:
        assert np.array_equal(ours, np.stack([expected] * 3, axis=2))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (saved((DEEP / 65535).astype(np.float32), "TIFF"), "floating-point pixels"),
        (b"Pf\n9 5\n-1\n" + DEEP.astype("<f4").tobytes(), "floating-point pixels"),
        (saved(DEEP.astype(np.int32), "TIFF"), "32-bit or signed pixels"),
        (tiff(DEEP.tobytes(), "<", 16, 1, sample_format=2), "32-bit or signed pixels"),
        (b"", "not decodable"),
        (b"no picture", "not decodable"),
        (saved(UPPER, "PNG")[:60], "not decodable"),
        (b"P5 0 5 255\n", "not decodable"),
    ],
)
def test_what_cannot_be_read_as_it_is_meant_says_why(content, reason, tmp_path):
    (tmp_path / "1.png").write_bytes(content)
    for read in (read_rgb, look):
        with pytest.raises(UnusablePictureError, match=reason):
            read(tmp_path / "1.png")


def test_files_that_the_system_does_not_give_say_why(tmp_path):
    with pytest.raises(UnusablePictureError, match=r"cannot be read \(No such file"):
        read_rgb(tmp_path / "gone.png")
    with pytest.raises(UnusablePictureError, match=r"cannot be read \(Is a directory"):
        read_rgb(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "1.png")
    said = []

    def read():
        with pytest.raises(UnusablePictureError) as error:
            read_rgb(tmp_path / "1.png")
        said.append(str(error.value))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(timeout=20)
    assert said == ["not decodable"]


def test_no_other_program_is_run(tmp_path, monkeypatch):
    """PIL knows EPS by its content, and asks Ghostscript."""
    ran = []
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *arguments: ran.append(arguments))
    noise(9, 5).save(tmp_path / "1.png", format="EPS")
    with pytest.raises(UnusablePictureError, match="not decodable"):
        read_rgb(tmp_path / "1.png")
    assert not ran


def test_a_bomb_is_refused_by_its_header(tmp_path, monkeypatch):
    """80 MB of zeros in 80 kB: below PIL's limit."""
    Image.new("L", (9000, 9000)).save(tmp_path / "1.png")
    monkeypatch.setattr(Image.Image, "load", None)
    for read in (read_rgb, look):
        with quiet(), pytest.raises(UnusablePictureError, match="more than 67,108,864 pixels"):
            read(tmp_path / "1.png")


def test_what_is_beyond_the_limit_of_pil_is_too_large_as_well(tmp_path, monkeypatch):
    noise(64, 64).save(tmp_path / "1.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 32 * 32)
    with pytest.raises(UnusablePictureError, match="more than 67,108,864 pixels"):
        read_rgb(tmp_path / "1.png")


def test_threads_do_not_decode_more_than_fits(tmp_path, monkeypatch):
    """Three of them want two thirds of the budget each."""
    at_once, most = [], []
    monkeypatch.setattr(module, "DECODING", Budget(60))
    monkeypatch.setattr(module, "to_rgb", lambda picture: count(picture, at_once, most))

    def count(picture, at_once, most):
        at_once.append(picture)
        time.sleep(0.05)
        most.append(len(at_once))
        at_once.remove(picture)

    for index in range(3):
        noise(8, 5).save(tmp_path / f"{index}.png")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(read_rgb, sorted(tmp_path.iterdir())))
    assert most == [1, 1, 1]


def test_who_wants_more_than_there_is_gets_all():
    with Budget(1).taken(2):
        pass


def test_what_fails_gives_its_share_back():
    budget = Budget(1)
    for _ in range(2):
        with pytest.raises(KeyError), budget.taken(1):
            raise KeyError


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "bmp"])
def test_a_look_finds_what_was_cut_short(suffix, tmp_path):
    path = tmp_path / f"1.{suffix}"
    noise(40, 30).save(path)
    whole = path.read_bytes()
    assert look(path) == (40, 30)
    for length in (len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:length])
        with pytest.raises(UnusablePictureError):
            look(path)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_look_does_not_decode(suffix, tmp_path, monkeypatch):
    noise(40, 30).save(tmp_path / f"1.{suffix}")
    monkeypatch.setattr(module, "to_rgb", None)
    assert look(tmp_path / f"1.{suffix}") == (40, 30)


def test_a_look_believes_the_decoder_rather_than_a_checksum(tmp_path):
    """A PNG file without its last part decodes; a JPEG file may have more after its end."""
    noise(40, 30).save(tmp_path / "1.png")
    content = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(content[:-12])
    noise(40, 30).save(tmp_path / "2.jpg")
    with (tmp_path / "2.jpg").open("ab") as file:
        file.write(b"more")
    for path in tmp_path.iterdir():
        assert read_rgb(path).size == look(path) == (40, 30)


def test_remarks_of_pil_are_not_for_the_user(tmp_path):
    noise(9, 5).convert("P").save(tmp_path / "1.png", transparency=bytes(range(256)))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        read_rgb(tmp_path / "1.png")
        assert seen
        del seen[:]
        with quiet():
            read_rgb(tmp_path / "1.png")
        assert not seen


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "bmp", "gif", "ppm"])
def test_damage_of_any_kind_is_one_error(suffix, tmp_path):
    """Whatever PIL raises."""
    random = np.random.default_rng(0)
    noise(12, 10).save(tmp_path / f"whole.{suffix}")
    whole = np.frombuffer((tmp_path / f"whole.{suffix}").read_bytes(), np.uint8)
    outcomes = set()
    with quiet():
        for _ in range(150):
            damaged = whole[: random.integers(len(whole) // 2, len(whole) + 1)].copy()
            places = random.integers(len(damaged), size=random.integers(1, 9))
            damaged[places] = random.integers(256, size=len(places))
            (tmp_path / "1.png").write_bytes(damaged)
            try:
                read_rgb(tmp_path / "1.png")
                outcomes.add("read")
            except UnusablePictureError:
                outcomes.add("refused")
    assert "refused" in outcomes
