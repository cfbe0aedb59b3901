"""Fetching an archive from the first mirror that delivers it, and taking out of it what is known.

Neither a mirror nor an archive is trusted: what is longer than it should be is cut off, what has
another checksum is removed, and only files of known names and checksums leave an archive.
"""

import logging
import tarfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import IO

from filelock import FileLock
from torchvision.datasets.utils import check_integrity

from sngan.dataset.parts.disk import NoRoomError, require_room
from sngan.system.fetch import FetchError, fetch
from sngan.system.files import WriteError, write_errors, written_whole
from sngan.system.interruption import cleaned
from sngan.system.printable import printable
from sngan.system.require import MissingPathError, SettingError

logger = logging.getLogger(__name__)

STALL_SECONDS = 30
PIECE = 2**20  # Bytes.
CACHE = "cache"  # Of STL-10's scaled pictures, beside the archive.


@dataclass(frozen=True)
class Archive:
    """A tar file that mirrors offer, or one file of several.

    Attributes:
        title: What the data set is called.
        filename: Name of the archive.
        md5: Checksum of the archive.
        size: Bytes that it has at most.
        members: Paths of the files to take out of it, and their checksums (MD5).
        is_tar: Whether they are in it; otherwise it is one of them itself.
    """

    title: str
    filename: str
    md5: str
    size: int
    members: Mapping[str, str]
    is_tar: bool = True

    def is_unpacked(self, names: Collection[str], root: Path) -> bool:
        """Tell whether members are below a folder, whole."""
        return all(check_integrity(root / name, self.members[name]) for name in names)

    def others_in(self, root: Path) -> list[str]:
        """Return what is in a folder that is not of this data set; hidden files do not count."""
        own = {self.filename, CACHE, *(PurePosixPath(name).parts[0] for name in self.members)}
        names = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
        return [name for name in names if name not in own and not name.startswith(".")]


def download(
    archive: Archive, mirrors: Sequence[str], root: Path, wanted: Collection[str] | None = None
) -> None:
    """Bring the members of an archive into a folder, unless those that are wanted are there.

    One process does it while others wait. An archive that is there whole is not fetched again.

    Args:
        archive: What is to be brought.
        mirrors: Addresses, tried in order.
        root: Folder for the archive and its content; created when missing.
        wanted: Some of its members; None for all.

    Raises:
        FileNotFoundError: If no mirror delivers the archive.
        ValueError: If it does not hold what it should, or the folder holds something else.
        OSError: If there is no room.
    """
    wanted = archive.members if wanted is None else wanted
    if archive.is_unpacked(wanted, root):
        return
    if not (root / archive.filename).is_file() and (others := archive.others_in(root)):
        raise SettingError(
            "root",
            f"must be an empty folder or one with {archive.title} to download that into, "
            f"got {printable(root)} with {printable(others[0])} in it; "
            "pictures of your own are dataset=image_folder",
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"must be a folder that can be made, got {printable(root)}: {error.strerror}"
        raise SettingError("root", said) from error
    with FileLock(root / f".{archive.filename}.lock"):
        if archive.is_unpacked(wanted, root):  # Another process may have done it meanwhile.
            return
        path = root / archive.filename
        if not check_integrity(path, archive.md5):
            _fetch_from_any(archive, mirrors, root)
        if archive.is_tar:
            _unpack(path, archive.members, root)


def _fetch_from_any(archive: Archive, mirrors: Sequence[str], root: Path) -> None:
    for url in mirrors:
        logger.info("%s: downloading %s to %s", archive.title, printable(url), printable(root))
        try:
            _fetch(url, archive, root)
        except (WriteError, NoRoomError):
            raise  # No other mirror would help.
        except (OSError, ValueError, HTTPException) as error:
            said = printable(str(error))  # Perhaps in words of the host.
            logger.warning("%s: %s failed (%s)", archive.title, printable(url), said)
        else:
            return
    there = "; the one there has another MD5" if (root / archive.filename).exists() else ""
    raise MissingPathError(
        "root",
        f"must hold {archive.title}, got {printable(root)}, and none of its {len(mirrors)} mirrors "
        f"delivered it\nput {archive.filename} (MD5 {archive.md5}) there by hand{there}, or add an "
        "address to the mirrors",
    )


def _fetch(url: str, archive: Archive, root: Path) -> None:
    path = root / archive.filename
    partial = path.with_name(f".{path.name}.partial")
    with cleaned(lambda: partial.unlink(missing_ok=True)):
        with write_errors(path):
            fetch(
                url,
                partial,
                most=archive.size,
                patience=STALL_SECONDS,
                before=lambda size: require_room(root, size, archive.filename),
            )
        if not check_integrity(partial, archive.md5):
            raise FetchError(f"what it sends does not have the MD5 {archive.md5}")
        partial.replace(path)


def _unpack(path: Path, members: Mapping[str, str], root: Path) -> None:
    """Take the files that are wanted out of an archive; nothing else in it is touched."""
    missing = dict(members)
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                name = str(PurePosixPath(member.name))
                is_plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)  # No link, no hole.
                content = tar.extractfile(member) if is_plain and name in missing else None
                if content is not None:
                    _write(content, root / name, missing.pop(name))
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(f"{printable(path)} is damaged: {error}") from error
    if missing:
        raise ValueError(f"{printable(path)} lacks {', '.join(missing)}")


def _write(content: IO[bytes], path: Path, checksum: str) -> None:
    """Write a member of an archive, whole or not at all."""
    digest = md5(usedforsecurity=False)
    with written_whole(path) as temporary:
        with temporary.open("wb") as file:
            while piece := content.read(PIECE):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != checksum:
            raise ValueError(f"{printable(path)} does not have the MD5 {checksum} in the archive")
