import os
import shutil
import socket
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from sngan.dataset.parts.picture_listing import list_pictures


@pytest.fixture
def root(tmp_path):
    """A folder with two classes of two pictures each."""
    for name in ("a/1.png", "a/2.png", "b/3.png", "b/deep/4.png"):
        write(tmp_path / "root" / name)
    return tmp_path / "root"


def write(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path, format="PNG")


def names(listing):
    return [(str(path.relative_to(listing.root)), label) for path, label in listing.files]


USUAL = [("a/1.png", 0), ("a/2.png", 0), ("b/3.png", 1), ("b/deep/4.png", 1)]


def test_nothing_is_said_of_a_tree_of_pictures(root, caplog):
    listing = list_pictures(root)
    assert names(listing) == USUAL
    assert listing.classes == ("a", "b")
    assert listing.total == 4
    assert not caplog.text


def test_files_of_other_names_are_counted(root, caplog):
    for index in range(7):
        write(root / "a" / f"{index}.jfif")
    (root / "read.me").touch()
    listing = list_pictures(root)
    assert names(listing) == USUAL
    assert listing.total == 12
    assert "left out 8 of 12 pictures: named like no picture (.jpg, .jpeg," in caplog.text
    assert "a/0.jfif" in caplog.text
    assert "a/3.jfif, ..." in caplog.text  # Five are named; it begins with read.me.


def test_hidden_pictures_are_counted_and_hidden_folders_are_not_entered(root, caplog):
    write(root / "a" / ".5.png")
    (root / "a" / ".DS_Store").touch()
    write(root / ".thumbs" / "6.png")
    write(root / "a" / ".thumbs" / "6.png")
    assert names(list_pictures(root)) == USUAL
    assert "left out 1 of 5 pictures: hidden" in caplog.text
    assert "thumbs" not in caplog.text


def test_a_folder_without_a_picture_is_no_class(root, caplog):
    (root / "__MACOSX" / "a").mkdir(parents=True)
    (root / "__MACOSX" / "a" / "._1.png").touch()
    (root / "empty").mkdir()
    (root / "zebra").mkdir()
    (root / "zebra" / "1.gif").touch()
    listing = list_pictures(root)
    assert names(listing) == USUAL
    assert listing.classes == ("a", "b")
    assert "left out 3 of 5 folders: no picture in it: " in caplog.text
    for name in ("__MACOSX", "empty", "zebra"):
        assert str(root / name) in caplog.text


def test_a_folder_without_a_picture_does_not_make_the_others_lie_beside_it(tmp_path, caplog):
    write(tmp_path / "1.png")
    (tmp_path / "__MACOSX").mkdir()
    listing = list_pictures(tmp_path)
    assert names(listing) == [("1.png", 0)]
    assert listing.classes == (".",)
    assert "left out 1 of 1 folders: no picture in it" in caplog.text


def test_what_was_passed_over_is_said_where_nothing_is_left(tmp_path):
    (tmp_path / "1.gif").touch()
    (tmp_path / ".2.png").touch()
    with pytest.raises(ValueError, match=r"holds no pictures \(.*left out 1 .*1\.gif") as error:
        list_pictures(tmp_path)
    assert ".2.png" in str(error.value)


def test_folders_named_like_pictures_are_folders(root, caplog):
    write(root / "a" / "z.png" / "5.png")
    assert names(list_pictures(root)) == [*USUAL[:2], ("a/z.png/5.png", 0), *USUAL[2:]]
    assert not caplog.text


def test_links_to_files_and_folders_are_followed(root, tmp_path, caplog):
    write(tmp_path / "elsewhere" / "5.png")
    write(tmp_path / "elsewhere" / "deep" / "6.png")
    (root / "a" / "7.png").symlink_to(root / "b" / "3.png")
    (root / "a" / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "c").symlink_to(tmp_path / "elsewhere" / "deep")
    assert names(list_pictures(root)) == [
        *USUAL[:2],
        ("a/7.png", 0),
        ("a/linked/5.png", 0),
        ("a/linked/deep/6.png", 0),
        *USUAL[2:],
        ("c/6.png", 2),
    ]
    assert not caplog.text


@pytest.mark.parametrize("target", [".", "..", "../..", "/", "deep"])
def test_links_that_lead_back_or_twice_to_a_folder_are_counted(target, root, caplog):
    write(root / "a" / "deep" / "5.png")
    (root / "a" / "again").symlink_to(target)
    assert names(list_pictures(root)) == [*USUAL[:2], ("a/deep/5.png", 0), *USUAL[2:]]
    assert "left out 1 of 6 pictures: a link to a folder that is read already: " in caplog.text
    assert str(root / "a" / "again") in caplog.text


@pytest.mark.parametrize("target", [".", "..", "/"])
def test_a_link_that_leads_back_is_no_class(target, root):
    (root / "again").symlink_to(target)
    assert list_pictures(root).classes == ("a", "b")


def test_folders_that_lead_to_each_other_end(root):
    """By hand, 2 ** 40 paths lead to the last one."""
    folders = [root / "a" / str(index) for index in range(40)]
    for folder in folders:
        folder.mkdir()
    for folder, following in pairwise(folders):
        for name in "xy":
            (folder / name).symlink_to(following)
    write(folders[-1] / "5.png")
    assert ("a/39/5.png", 0) in names(list_pictures(root))


def test_what_is_no_file_is_counted(root, caplog, monkeypatch):
    monkeypatch.chdir(root / "a")  # A socket's path must be short.
    os.mkfifo("fifo.png")
    (root / "a" / "device.png").symlink_to("/dev/zero")
    (root / "a" / "gone.png").symlink_to("nowhere")
    (root / "a" / "self.png").symlink_to("self.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
        assert names(list_pictures(root)) == USUAL
    assert "left out 3 of 9 pictures: no regular file: " in caplog.text
    assert "left out 2 of 9 pictures: a broken link: " in caplog.text
    for name in ("fifo", "device", "socket", "gone", "self"):
        assert f"{name}.png" in caplog.text


def test_a_folder_that_cannot_be_entered_is_counted(root, caplog, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if path.name == "deep":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(list_pictures(root)) == USUAL[:3]
    assert "left out 1 of 4 pictures: cannot be entered (Permission denied)" in caplog.text


def test_names_that_are_no_text_are_written_so_that_they_can_be_read(root, caplog):
    odd = Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9"))
    (root / "a").rename(odd)
    (odd / os.fsdecode(b"\n\x1b[31m\xf6.gif")).touch()
    listing = list_pictures(root)
    assert listing.classes == ("b", r"caf\xe9")
    assert r"caf\xe9/\n\x1b[31m\xf6.gif" in caplog.text
    before = listing.fingerprint()
    shutil.copy(listing.files[0][0], odd / os.fsdecode(b"\xe9.png"))
    assert list_pictures(root).fingerprint() != before


def test_a_file_that_goes_away_is_for_the_reader_to_say(root):
    listing = list_pictures(root)
    before = listing.fingerprint()
    (root / "a" / "1.png").unlink()
    assert listing.fingerprint() != before
