"""Which pictures a folder tree holds."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sngan.dataset.parts.left_out import LeftOut
from sngan.dataset.parts.picture import EXTENSIONS
from sngan.system.printable import printable

OTHER_NAME = f"named like no picture ({', '.join(EXTENSIONS)})"
HIDDEN = "hidden, as their names begin with a dot"
NO_FILE = "no regular file"
BROKEN_LINK = "a broken link"
SEEN = "a link to a folder that is read already"
NO_PICTURE = "no picture in it"


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder tree.

    Attributes:
        root: The folder.
        files: Paths with their classes, in an order that never changes.
        classes: One name per class, printable.
        total: Number of files that were found, including those that cannot be pictures.
    """

    root: Path
    files: list[tuple[Path, int]]
    classes: tuple[str, ...]
    total: int

    def fingerprint(self) -> str:
        """Return a digest of names, sizes and times; another one means other pictures."""
        digest = sha256()
        for path, label in self.files:
            name = os.fsencode(path.relative_to(self.root))
            try:
                status = path.stat()
                about = f"|{label}|{status.st_size}|{status.st_mtime_ns}\n"
            except OSError:  # It went away since it was listed; whoever reads it will say so.
                about = f"|{label}|gone\n"
            digest.update(name + about.encode())
        return digest.hexdigest()


def list_pictures(root: Path) -> Listing:
    """List the pictures below a folder, and warn of files that are passed over.

    Each sub-folder with pictures is a class, sorted by name, with everything below it; a folder
    without such sub-folders is one class. Links are followed, but no folder is entered twice for a
    class, and none that holds ``root``. Names that begin with a dot are passed over.

    Raises:
        ValueError: If there are none, or pictures lie beside class folders.
        OSError: If the folder cannot be read.
    """
    left_out, without = LeftOut(), LeftOut()
    content = _Content.of(root, left_out)
    around = [root.resolve(), *root.resolve().parents]
    classes: dict[str, list[Path]] = {}
    for folder in sorted([*content.folders, *content.links], key=lambda path: path.name):
        if found := sorted(_pictures_below(folder, {*around}, left_out)):
            classes[folder.name] = found
        else:
            without.add(NO_PICTURE, folder)
    if classes and content.pictures:
        raise ValueError(
            f"{printable(root)} holds class folders and {len(content.pictures)} pictures beside "
            "them; move those into a folder, or the folders elsewhere"
        )
    classes = classes or {".": sorted(content.pictures)}
    files = [(path, label) for label, paths in enumerate(classes.values()) for path in paths]
    if not files:
        said = (f"; {line}" for line in left_out.lines(left_out.count(), "files"))
        raise ValueError(
            f"{printable(root)} holds no pictures ({', '.join(EXTENSIONS)}){''.join(said)}"
        )
    total = len(files) + left_out.count()
    left_out.warn(total)
    without.warn(without.count() + sum(name != "." for name in classes), "folders")
    return Listing(root, files, tuple(map(printable, classes)), total)


@dataclass
class _Content:
    """What is in one folder and not hidden; only folders are entered."""

    pictures: list[Path]
    folders: list[Path]
    links: list[Path]  # To folders.

    @classmethod
    def of(cls, folder: Path, left_out: LeftOut) -> "_Content":
        content = cls([], [], [])
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                content._add(entry, left_out)
        return content

    def _add(self, entry: "os.DirEntry[str]", left_out: LeftOut) -> None:
        path = Path(entry.path)
        is_named = path.suffix.lower() in EXTENSIONS
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError:  # A link to itself, for instance.
            is_folder = is_file = False
        if is_folder:
            if not entry.name.startswith("."):
                (self.links if entry.is_symlink() else self.folders).append(path)
        elif entry.name.startswith("."):
            if is_named:
                left_out.add(HIDDEN, path)
        elif not is_file:
            left_out.add(_what(entry), path)
        elif is_named:
            self.pictures.append(path)
        else:
            left_out.add(OTHER_NAME, path)


def _what(entry: "os.DirEntry[str]") -> str:
    """Say what is neither a folder nor a file."""
    try:
        entry.stat()
    except OSError:
        return BROKEN_LINK
    return NO_FILE


def _pictures_below(folder: Path, seen: set[Path], left_out: LeftOut) -> Iterator[Path]:
    """Yield the pictures of a tree, in no particular order."""
    folders, links = [folder], list[Path]()
    while folders or links:  # Folders before links: what a link leads to keeps its own name.
        here = folders.pop() if folders else links.pop(0)
        if (place := here.resolve()) in seen:
            left_out.add(SEEN, here)
            continue
        seen.add(place)
        try:
            content = _Content.of(here, left_out)
        except OSError as error:
            left_out.add(f"cannot be entered ({error.strerror})", here)
            continue
        yield from content.pictures
        folders += content.folders
        links += content.links
