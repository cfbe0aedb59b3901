"""Which pictures a folder tree holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sngan.dataset.parts.picture import EXTENSIONS


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder tree.

    Attributes:
        root: The folder.
        files: Paths with their classes, in an order that never changes.
        classes: One name per class.
    """

    root: Path
    files: list[tuple[Path, int]]
    classes: tuple[str, ...]

    def fingerprint(self) -> str:
        """Return a digest of names, sizes and times; another one means other pictures."""
        digest = sha256()
        for path, label in self.files:
            status = path.stat()
            name = path.relative_to(self.root)
            digest.update(f"{name}|{label}|{status.st_size}|{status.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def list_pictures(root: Path) -> Listing:
    """List the pictures below a folder.

    Each sub-folder is a class, sorted by name, with everything below it; a folder without
    sub-folders is one class. Names that begin with a dot are passed over.

    Raises:
        ValueError: If there are none, or pictures lie beside class folders.
    """
    paths = [path for path in root.iterdir() if not path.name.startswith(".")]
    classes = sorted(path.name for path in paths if path.is_dir()) or ["."]
    loose = sum(path.suffix.lower() in EXTENSIONS for path in paths)
    if loose and classes != ["."]:
        raise ValueError(
            f"{root} holds class folders and {loose} pictures beside them; "
            "move those into a folder, or the folders elsewhere"
        )
    files = [
        (path, label)
        for label, name in enumerate(classes)
        for path in sorted(_pictures_below(root / name))
    ]
    if not files:
        raise ValueError(f"{root} holds no pictures ({', '.join(EXTENSIONS)})")
    return Listing(root, files, tuple(classes))


def _pictures_below(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in EXTENSIONS and not hidden:
            yield path
