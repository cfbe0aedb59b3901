import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from sngan.dataset.parts.cache import cached

IMAGES = torch.randint(256, (7, 3, 4, 4), dtype=torch.uint8)
LABELS = torch.arange(7)


@pytest.fixture
def make(tmp_path):
    """Read a cache; returns pictures, labels and whether they were made."""

    def call(description=(("a", 1),), chunk=3, images=IMAGES, verify=True):
        made = []

        def build():
            made.append(True)
            for start in range(0, len(images), chunk):
                yield images[start : start + chunk], LABELS[start : start + chunk]

        return *cached(call.folder, dict(description), build, 4, verify=verify), bool(made)

    call.folder = tmp_path / "deep" / "cache"
    return call


def test_comes_back_as_it_was_and_is_made_once(make):
    for expected in (True, False):
        images, labels, made = make()
        assert made == expected
        assert torch.equal(images, IMAGES)
        assert torch.equal(labels, LABELS)
        assert (images.dtype, labels.dtype) == (torch.uint8, torch.int64)


def test_pictures_are_mapped_not_read(make):
    """They follow the file: what is not touched is not in memory."""
    images, _, _ = make()
    with (make.folder / "images.uint8").open("r+b") as file:
        file.write(bytes([IMAGES[0, 0, 0, 0].item() ^ 255]))
    assert images[0, 0, 0, 0] != IMAGES[0, 0, 0, 0]
    images[1] = 0  # A private map: writing does not reach the file.
    assert not torch.equal(make(verify=False)[0][1], images[1])


def test_other_content_is_made_anew(make):
    make()
    images, _, made = make(description=(("a", 2),), images=255 - IMAGES)
    assert made
    assert torch.equal(images, 255 - IMAGES)


def test_damage_is_found(make, caplog):
    make()
    path = make.folder / "images.uint8"
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)
    assert not make(verify=False)[2]
    images, _, made = make()
    assert made
    assert torch.equal(images, IMAGES)


@pytest.mark.parametrize("verify", [True, False])
def test_damaged_labels_are_found(make, verify):
    """They are small: to read them costs nothing."""
    make()
    (make.folder / "labels.int64").write_bytes(bytes([7]) + bytes(7 * 8 - 1))
    assert make(verify=verify)[2]


@pytest.mark.parametrize("name", ["images.uint8", "labels.int64"])
def test_short_files_are_found_even_without_the_checksum(make, name):
    make()
    path = make.folder / name
    path.write_bytes(path.read_bytes()[:-1])
    assert make(verify=False)[2]


@pytest.mark.parametrize("name", ["images.uint8", "labels.int64", "cache.json"])
def test_missing_files_are_found(make, name):
    make()
    (make.folder / name).unlink()
    assert make()[2]


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "{", "[" * 99999, '{"content": {}, "bytes": [], "sha256": []}',
        '{"content": 1, "count": 7, "bytes": [1, 2], "sha256": ["", ""]}',
        '{"content": {"image_size": 4}, "count": 7, "bytes": [336, 56], "sha256": [""]}',
    ],
)  # fmt: skip
def test_a_damaged_description_is_found(make, text):
    make()
    (make.folder / "cache.json").write_text(text)
    assert make()[2]


def test_a_count_that_is_no_integer_is_found(make):
    """Sizes and checksums are right all the same."""
    make()
    path = make.folder / "cache.json"
    path.write_text(path.read_text().replace('"count": 7', '"count": 7.0'))
    images, _, made = make()
    assert made
    assert torch.equal(images, IMAGES)


def test_a_half_written_cache_is_never_used(make, tmp_path):
    class Killed(BaseException):
        pass

    def build():
        yield IMAGES[:3], LABELS[:3]
        raise Killed

    with pytest.raises(Killed):
        cached(make.folder, {"a": 1}, build, 4)
    assert not make.folder.exists()
    assert not list(make.folder.parent.glob(".*partial*"))
    assert make()[2]


def test_what_a_killed_process_left_is_cleared_away(make):
    partial = make.folder.with_name(".cache.partial")
    partial.mkdir(parents=True)
    (partial / "images.uint8").write_bytes(b"half")
    make()
    assert not partial.exists()


def test_a_folder_with_anything_else_in_it_is_never_touched(make):
    make.folder.mkdir(parents=True)
    (make.folder / "holiday.jpg").write_bytes(b"precious")
    with pytest.raises(ValueError, match=r"cache needs .* holds something else \(holiday.jpg\)"):
        make()
    assert (make.folder / "holiday.jpg").read_bytes() == b"precious"


def test_one_makes_it_while_others_wait(tmp_path):
    made = []

    def build():
        made.append(True)
        time.sleep(0.2)
        yield IMAGES, LABELS

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(cached, tmp_path / "cache", {}, build, 4) for _ in range(4)]
    assert all(torch.equal(job.result()[0], IMAGES) for job in jobs)
    assert len(made) == 1


def test_half_a_rebuild_leaves_the_old_one_or_none(make):
    make()

    def build():
        yield IMAGES[:3], LABELS[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached(make.folder, {"a": 2}, build, 4)
    assert json.loads((make.folder / "cache.json").read_text())["content"]["a"] == 1


def test_nothing_to_keep(tmp_path):
    with pytest.raises(ValueError, match="there are no pictures to put into"):
        cached(tmp_path / "cache", {}, lambda: [], 4)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("name", ["images.uint8", "cache.json"])
def test_a_pipe_is_not_waited_for(make, name):
    make()
    (make.folder / name).unlink()
    os.mkfifo(make.folder / name)
    assert make()[2]


def test_a_full_disk_names_the_copy_and_leaves_nothing_of_it(make):
    def build():
        yield IMAGES[:3], LABELS[:3]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="cache could not be written: No space left"):
        cached(make.folder, {"a": 1}, build, 4)
    left = {path.name for path in make.folder.parent.iterdir()}
    assert left <= {".cache.lock"}  # Some versions of filelock remove it.


def test_a_wreck_is_cleared_away_before_room_is_asked_for(make):
    wreck = make.folder.with_name(".cache.partial")
    wreck.mkdir(parents=True)

    def build():
        assert not wreck.exists()
        return [(IMAGES, LABELS)]

    assert len(cached(make.folder, {"a": 1}, build, 4)[0]) == 7
