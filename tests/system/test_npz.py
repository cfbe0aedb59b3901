import os
import struct
import zipfile
from io import BytesIO

import numpy as np
import pytest

from sngan.system import npz
from sngan.system.npz import load_arrays, read_headers
from sngan.system.safe_load import DamagedError

ARRAYS = {
    "images": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
    "column_major": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big_endian": np.arange(3, dtype=">f4"),
    "text": np.str_("meta"),
    "empty": np.zeros((0, 5), np.int64),
    "number": np.float64(7),
}


def npy(array, **settings):
    file = BytesIO()
    np.save(file, array, **settings)
    return file.getvalue()


def header(shape, descr="|u1"):
    """Return the beginning of an array that is said to have a shape."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.npz"


def archive(path, parts, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in parts.items():
            file.writestr(name, content)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back(save, path):
    save(path, **ARRAYS)
    found = load_arrays(path)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found[name].dtype == np.asarray(array).dtype
        assert np.array_equal(found[name], array)
    headers = read_headers(path)
    assert headers["images"].shape == (2, 3, 4)
    assert headers["images"].dtype == np.uint8
    assert headers["big_endian"].size == 12


def test_only_what_is_wanted_is_read(path):
    np.savez(path, **ARRAYS)
    content = bytearray(path.read_bytes())
    place = content.index(ARRAYS["images"].tobytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert load_arrays(path, ["number", "absent"]).keys() == {"number"}
    with pytest.raises(DamagedError, match="Bad CRC-32"):
        load_arrays(path, ["images"])


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"x.npy": npy(np.array([{}]), allow_pickle=True)}, "x.npy holds Python objects"),
        ({"x.npy": header((10**15,)) + b"12"}, r"is not as long as its shape \(1000"),
        ({"x.npy": header((1,)) + b"12"}, r"is not as long as its shape \(1,\)"),
        ({"x.npy": header((-1,)) + b"12"}, r"is not as long as its shape \(-1,\)"),
        ({"x.npy": header((-1, -2)) + b"12"}, r"is not as long as its shape \(-1, -2\)"),
        ({"x.npy": header((2,), "O") + b"12"}, "x.npy holds Python objects"),
        ({"x.npy": header((2,), "nonsense") + b"12"}, "descr"),
        ({"x.npy": b"12"}, "magic"),
        ({"x.npy": b"\x93NUMPY\x09\x00" + bytes(99)}, r"is of version \(9, 0\)"),
        ({"x.txt": b"12"}, "its part x.txt is no array"),
        ({"../x\n": b"12"}, r"its part ../x\\n is no array"),
    ],
)
def test_why_a_file_is_refused(parts, reason, path):
    archive(path, parts)
    for read in (read_headers, load_arrays):
        with pytest.raises(DamagedError, match="is not an .npz file of plain arrays: .*" + reason):
            read(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "File is not a zip file"),
        (b"no archive", "File is not a zip file"),
        (npy(np.zeros(3)), "it is one bare array, as np.save writes it"),
    ],
)
def test_what_is_no_archive(content, reason, path):
    path.write_bytes(content)
    with pytest.raises(DamagedError, match=reason):
        load_arrays(path)


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    for name in ("pipe.npz", "gone.npz", "."):
        with pytest.raises(FileNotFoundError, match="there is no file"):
            load_arrays(tmp_path / name)


def test_an_archive_made_to_fill_memory_is_refused_by_its_headers(path, monkeypatch):
    """1.2 GB of zeros in 1.2 MB. An array beside them can be had."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("bomb.npy", "w", force_zip64=True) as part:
            part.write(header((1200, 10**6)))
            for _ in range(1200):
                part.write(bytes(10**6))
        file.writestr("small.npy", npy(np.arange(3)))
    read_array = np.lib.format.read_array
    monkeypatch.setattr(np.lib.format, "read_array", None)
    assert read_headers(path)["bomb"].size == 1_200_000_000
    with pytest.raises(ValueError, match=r"would unpack from \d\.\d MB to 1\.2 GB") as error:
        load_arrays(path)
    assert not isinstance(error.value, DamagedError)
    monkeypatch.setattr(np.lib.format, "read_array", read_array)
    assert load_arrays(path, ["small"])["small"].tolist() == [0, 1, 2]


def test_more_than_this_machine_has_of_memory_is_refused(path, monkeypatch):
    np.savez(path, a=np.zeros(10), b=np.zeros(10))
    monkeypatch.setattr(npz, "_memory", lambda: 159)
    assert load_arrays(path, ["a"])
    with pytest.raises(ValueError, match="more than this machine has of memory"):
        load_arrays(path)


def test_damage_of_any_kind_is_one_error(path):
    random = np.random.default_rng(0)
    np.savez_compressed(path, **ARRAYS)
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    refused = 0
    for _ in range(300):
        damaged = whole[: random.integers(len(whole) // 2, len(whole) + 1)].copy()
        places = random.integers(len(damaged), size=random.integers(1, 5))
        damaged[places] = random.integers(256, size=len(places))
        path.write_bytes(damaged)
        try:
            load_arrays(path)
        except ValueError:
            refused += 1
    assert refused > 200
