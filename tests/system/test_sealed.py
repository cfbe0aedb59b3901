import io
import os
import struct
import subprocess
import zipfile

import numpy as np
import pytest
import torch

from sngan.system.sealed import SealedFile, damage

STATE = {"a": torch.arange(1000.0), "b": ["x", None]}


class OnDisk(io.BytesIO):
    def fileno(self):
        return 1  # Something that can be brought to the disk.


@pytest.fixture
def sealed(tmp_path):
    path = tmp_path / "a.pt"
    with path.open("wb") as file:
        archive = SealedFile(file)
        torch.save(STATE, archive)
        archive.seal()
    return path


def plain(**options):
    file = io.BytesIO()
    torch.save(STATE, file)
    return file.getvalue()


def test_others_read_it_as_before(sealed):
    loaded = torch.load(sealed, weights_only=True)
    assert torch.equal(loaded["a"], STATE["a"])
    assert loaded["b"] == STATE["b"]
    assert zipfile.ZipFile(sealed).testzip() is None
    assert sealed.read_bytes()[: len(plain()) - 2] == plain()[:-2]


def test_the_checksum_can_be_made_with_other_tools(sealed):
    comment = zipfile.ZipFile(sealed).comment.decode()
    command = f"(head -c -79 {sealed}; printf '\\0\\0') | sha256sum"
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert comment == f"sngan sha256 {said.split()[0]}"


def test_any_change_is_found(sealed):
    content = sealed.read_bytes()
    assert damage(content) is None
    for place in (0, 100, len(content) // 2, len(content) - 90, len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        assert damage(bytes(changed)) == "is damaged (its checksum is wrong)", place
    for end in (0, 10, len(content) // 2, len(content) - 80, len(content) - 70, len(content) - 1):
        assert damage(content[:end]) == "is truncated", end


def test_one_without_a_checksum_is_judged_by_those_of_its_parts():
    content = plain()
    assert damage(content) is None
    part = zipfile.ZipFile(io.BytesIO(content)).infolist()[-3]
    changed = bytearray(content)
    changed[part.header_offset + 200] ^= 4
    assert "the checksum of its part archive/" in damage(bytes(changed))


def test_a_directory_that_has_lost_parts():
    file = io.BytesIO()
    np.savez(file, a=np.zeros(2), b=np.zeros(2), c=np.zeros(2))
    content = file.getvalue()
    assert damage(content) is None
    lost = 0
    for place in range(len(content) - 200, len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            try:
                with zipfile.ZipFile(io.BytesIO(changed)) as archive:
                    is_lost = len(archive.namelist()) < 3 and archive.testzip() is None
            except Exception:
                continue
            if is_lost:
                lost += 1
                assert damage(bytes(changed)) == "is truncated"
    assert lost > 8  # Zip readers see nothing.


def test_what_unpacks_to_more_than_it_is(sealed):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**6))
    assert damage(file.getvalue()) == "is packed"


def test_parts_that_claim_more_than_there_is(sealed):
    """Two entries of the directory that share one part, as in the known bombs."""
    content = plain()
    directory_size, start = struct.unpack("<II", content[-10:-2])
    directory = content[start : start + directory_size]
    count = struct.unpack("<H", content[-12:-10])[0]
    end = struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, 9 * count, 9 * count, 9 * directory_size, start, 0
    )
    assert damage(content[:start] + 9 * directory + end) in ("is packed", "is truncated")


def test_where_there_is_no_room_all_is_counted(tmp_path):
    class Full(OnDisk):
        def write(self, data):
            raise OSError(28, "No space left on device")

    sealed = SealedFile(Full())
    torch.save(STATE, sealed)  # Goes on to the end.
    assert sealed.size == len(plain())
    with pytest.raises(OSError, match=r"No space left on device \(0.0 MB are needed\)") as error:
        sealed.seal()
    assert error.value.errno == 28


def test_a_disk_that_notices_only_at_the_end(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(122, "Disk quota exceeded")

    monkeypatch.setattr(os, "fsync", fail)
    sealed = SealedFile(OnDisk())
    torch.save(STATE, sealed)
    with pytest.raises(OSError, match=r"Disk quota exceeded \(0.0 MB are needed\)"):
        sealed.seal()
