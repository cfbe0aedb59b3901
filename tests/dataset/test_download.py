"""Mirrors and archives that mean no good, on this very machine."""

import hashlib
import http.server
import io
import logging
import shutil
import tarfile
import threading
import time

import pytest

from sngan.dataset.parts import download as module
from sngan.dataset.parts.download import Archive, download
from sngan.system import fetch

WANTED = {"set/a.bin": b"first", "set/b.bin": b"second"}


def digest(content):
    return hashlib.md5(content).hexdigest()


def tar(entries):
    """Return an archive; entries are names with contents, or ready ``TarInfo``."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in entries:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def described(content, size=None, members=WANTED):
    return Archive(
        title="A set",
        filename="set.tar.gz",
        md5=digest(content),
        size=len(content) if size is None else size,
        members={name: digest(data) for name, data in members.items()},
    )


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


@pytest.fixture
def serve():
    """Start servers that answer a GET with a function; returns their addresses."""
    servers = []

    def start(answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                try:
                    answer(self)
                except OSError:  # The client hung up, as it should.
                    self.server.hung_up = True

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.hung_up = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/set.tar.gz"

    start.servers = servers
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def sending(content, promised=None):
    def answer(request):
        request.send_response(200)
        if promised is not False:
            request.send_header("Content-Length", str(promised or len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def unpacked(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*.bin")}


def left(root):
    return sorted(p.name for p in root.rglob("*") if p.is_file() and p.suffix != ".lock")


def test_what_is_wanted_is_fetched_and_unpacked_once(root, serve):
    content = tar(WANTED.items())
    address = serve(sending(content))
    archive = described(content)
    download(archive, [address], root)
    assert unpacked(root) == WANTED
    download(archive, [], root)  # Nobody is asked.
    (root / "set" / "a.bin").write_bytes(b"fir")
    download(archive, [], root)  # The archive is there still.
    assert unpacked(root) == WANTED
    assert left(root) == ["a.bin", "b.bin", "set.tar.gz"]


def test_some_of_it_may_be_enough(root):
    (root / "set").mkdir(parents=True)
    (root / "set" / "b.bin").write_bytes(b"second")
    download(described(b""), [], root, ["set/b.bin"])
    with pytest.raises(FileNotFoundError):
        download(described(b""), [], root, ["set/a.bin"])


@pytest.mark.parametrize("promised", [False, None])
def test_an_endless_mirror_is_cut_off(promised, root, serve, caplog):
    """Whether it says how much it sends or not."""

    def answer(request):
        request.send_response(200)
        if promised is not False:
            request.send_header("Content-Length", str(10**12))
        request.end_headers()
        while True:
            request.wfile.write(bytes(2**16))

    address = serve(answer)
    with pytest.raises(FileNotFoundError, match="none of its 1 mirrors delivered it"):
        download(described(tar(WANTED.items()), size=10**6), [address], root)
    assert "sends more than the 1,000,000 bytes that it should" in caplog.text
    assert left(root) == []


def test_what_has_another_checksum_is_removed(root, serve, caplog):
    content = tar(WANTED.items())
    wrong = content[:-1] + bytes([content[-1] ^ 1])
    addresses = [serve(sending(wrong)), serve(sending(content))]
    with pytest.raises(FileNotFoundError):
        download(described(content), addresses[:1], root)
    assert f"what it sends does not have the MD5 {digest(content)}" in caplog.text
    assert left(root) == []
    download(described(content), addresses, root)
    assert unpacked(root) == WANTED


def test_a_mirror_that_breaks_off_is_told_from_one_that_lies(root, serve, caplog):
    content = tar(WANTED.items())
    with pytest.raises(FileNotFoundError):
        download(described(content), [serve(sending(content[:9], len(content)))], root)
    assert f"broke off after 9 of {len(content)} bytes" in caplog.text
    assert left(root) == []


def test_an_archive_that_one_has_put_there_is_kept_until_there_is_a_better_one(root, serve):
    content = tar(WANTED.items())
    root.mkdir()
    (root / "set.tar.gz").write_bytes(b"half")
    with pytest.raises(FileNotFoundError, match="the one there has another MD5"):
        download(described(content), [serve(sending(b"nothing"))], root)
    assert (root / "set.tar.gz").read_bytes() == b"half"
    download(described(content), [serve(sending(content))], root)
    assert unpacked(root) == WANTED


def test_a_mirror_that_drips_is_given_up(root, serve, caplog, monkeypatch):
    monkeypatch.setattr(module, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(fetch, "LEAST_RATE", 10**6)

    def answer(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    with pytest.raises(FileNotFoundError):
        download(described(b"", size=10**6), [serve(answer)], root)
    assert "sends less than 1,000,000 bytes a second" in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/set.tar.gz",
        "http://10.0.0.1/set.tar.gz",
        "http://127.0.0.1.example.org/set.tar.gz",
        "ftp://127.0.0.1/set.tar.gz",
        "file:///etc/hostname",
        "data:,x",
        "set.tar.gz",
        "",
        "http://[",
        "https://",
    ],
)
def test_only_https_is_asked(address, root, caplog, monkeypatch):
    """But for this machine. What is no address at all fails, too."""
    monkeypatch.setattr("urllib.request.OpenerDirector._open", None)
    with pytest.raises(FileNotFoundError):
        download(described(b""), [address], root)
    assert "A set: " in caplog.text
    assert left(root) == []


def test_a_mirror_cannot_lead_elsewhere(root, serve, caplog):
    def answer(request):
        request.send_response(302)
        request.send_header("Location", "http://example.org/set.tar.gz")
        request.end_headers()

    with pytest.raises(FileNotFoundError):
        download(described(b""), [serve(answer)], root)
    assert "must begin with https://, got http://example.org/set.tar.gz" in caplog.text


def test_words_of_a_host_are_escaped(root, serve, caplog):
    def answer(request):
        request.wfile.write(b"HTTP/1.1 404 \x1b[2Jgone\r\n\r\n")

    with pytest.raises(FileNotFoundError):
        download(described(b""), [serve(answer)], root)
    assert r"\x1b[2Jgone" in caplog.text


def test_no_room_is_said_before_anything_is_written(root, serve, monkeypatch):
    content = tar(WANTED.items())
    usage = shutil.disk_usage("/")._replace(free=len(content) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr("pathlib.Path.open", None)
    addresses = [serve(sending(content)), "https://never.asked"]
    with pytest.raises(
        OSError, match=r"set\.tar\.gz needs 0\.00 GB in .*, where 0\.00 GB are free"
    ):
        download(described(content), addresses, root)


def test_a_full_disk_is_no_fault_of_the_mirror(root, serve, monkeypatch, caplog):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "fetch", full)
    with pytest.raises(OSError, match=r"set\.tar\.gz could not be written: No space left"):
        download(described(b""), ["https://a", "https://b"], root)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


@pytest.mark.parametrize(
    "entry",
    [
        ("../outside.bin", b"x"),
        ("set/../../outside.bin", b"x"),
        ("/tmp/outside.bin", b"x"),
        ("set/other.bin", b"x"),
        link("set", ".."),
        link("set/out", "../.."),
        ("set/out/outside.bin", b"x"),
        link("set/c.bin", "/etc/hostname"),
        link("set/c.bin", "set/a.bin", tarfile.LNKTYPE),
        link("set/pipe.bin", "", tarfile.FIFOTYPE),
        link("set/device.bin", "", tarfile.CHRTYPE),
    ],
)
def test_nothing_else_leaves_an_archive(entry, root, tmp_path):
    content = tar([entry, *WANTED.items()])
    root.mkdir()
    (root / "set.tar.gz").write_bytes(content)
    download(described(content), [], root)
    assert unpacked(tmp_path / "root") == WANTED
    assert sorted(p.name for p in tmp_path.iterdir()) == ["root"]
    assert left(root) == ["a.bin", "b.bin", "set.tar.gz"]
    assert not any(path.is_symlink() for path in root.rglob("*"))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([("set/a.bin", b"first")], "lacks set/b.bin"),
        ([("set/a.bin", b"fiRst")], r"a\.bin does not have the MD5"),
        ([link("set/a.bin", "/etc/hostname"), ("set/b.bin", b"second")], "lacks set/a.bin"),
        ([link("set/a.bin", "set/b.bin"), ("set/b.bin", b"second")], "lacks set/a.bin"),
        ([link("set/a.bin", "", tarfile.FIFOTYPE)], "lacks set/a.bin"),
    ],
)
def test_an_archive_that_does_not_hold_what_it_should(entries, said, root):
    content = tar(entries)
    root.mkdir()
    (root / "set.tar.gz").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        download(described(content), [], root)
    assert not (root / "set" / "a.bin").exists() or unpacked(root)["set/a.bin"] == b"first"


@pytest.mark.parametrize(
    "content", [b"no archive", tar(WANTED.items())[:60]], ids=["none", "cut short"]
)
def test_a_damaged_archive_of_the_right_checksum(content, root):
    root.mkdir()
    (root / "set.tar.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"set\.tar\.gz is damaged: "):
        download(described(content), [], root)


def test_one_fetches_while_others_wait(root, serve):
    content = tar(WANTED.items())
    asked = []

    def answer(request):
        asked.append(request.path)
        time.sleep(0.2)
        sending(content)(request)

    address = serve(answer)
    threads = [
        threading.Thread(target=download, args=(described(content), [address], root))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
    assert unpacked(root) == WANTED


@pytest.mark.parametrize("name", ["cat.png", "cats/1.png", "other.tar.gz"])
def test_nothing_is_downloaded_among_other_things(name, root, serve):
    """Who forgets dataset=image_folder names the folder of their own pictures."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).touch()
    before = sorted(root.rglob("*"))
    content = tar(WANTED.items())
    with pytest.raises(ValueError, match=r"^root must be an empty folder .*dataset=image_folder"):
        download(described(content), [serve(sending(content))], root)
    assert sorted(root.rglob("*")) == before
