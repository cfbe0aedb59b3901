"""Folder trees of pictures: listing, decoding, and a data set that reads them.

A file that cannot be used is left out with a warning and a count: one broken file among many must
not cost a night of training.
"""

import logging
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from PIL.Image import DecompressionBombError, Image
from torch import Tensor
from torchvision.datasets.folder import IMG_EXTENSIONS, default_loader
from torchvision.transforms.v2 import functional
from tqdm import tqdm

from sngan.dataset.base import Dataset, Pictures, Split
from sngan.dataset.cache import Chunk, cached

logger = logging.getLogger(__name__)

NAMED_FAILURES = 5
CHUNK = 1024  # Files decoded ahead of being used, to bound memory.


class FolderDataset(Dataset):
    """Pictures of a folder tree; sub-folders are classes.

    Args:
        root: Folder of the training pictures.
        test_root: Folder of the test pictures, or None.
        image_size: Side of the pictures in pixels, at least 1.
        n_classes: Number of classes the folder must have; None for any.
        cache: Folder for a memory-mapped copy, for sets too large for memory; None for memory.
        verify: Whether to compare the copy's checksum at every start.

    Raises:
        ValueError: If ``image_size`` is below 1.
        FileNotFoundError: If a folder does not exist.
    """

    def __init__(
        self,
        root: str,
        test_root: str | None,
        image_size: int,
        n_classes: int | None,
        cache: str | None,
        verify: bool,
    ) -> None:
        if image_size < 1:
            raise ValueError(f"dataset.image_size must be >= 1, got {image_size}")
        self.roots: dict[Split, Path | None] = {
            "train": _folder("dataset.root", root),
            "test": None if test_root is None else _folder("dataset.test_root", test_root),
        }
        self.image_size = image_size
        self.n_classes = n_classes
        self.cache = None if cache is None else Path(cache).expanduser()
        self.verify = verify

    @abstractmethod
    def prepare(self, picture: Image) -> Image | None:
        """Return a picture of ``image_size`` squared; None to leave it out as too small."""

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`."""
        root = self.roots[split]
        if root is None:
            raise ValueError(
                "a folder has a test split only if dataset.test_root=DIR names its folder; "
                "protocol=modern and protocol=quick do without"
            )
        listing = list_pictures(root)
        if self.n_classes not in (None, len(listing.classes)):
            raise ValueError(
                f"dataset.n_classes is {self.n_classes}, but {root} has {len(listing.classes)} "
                "folders of pictures"
            )
        if self.cache is None:
            chunks = list(self._read(listing))
            if not chunks:
                raise ValueError(f"none of the {len(listing.files)} pictures in {root} can be used")
            images, labels = (torch.cat(column) for column in zip(*chunks, strict=True))
        else:
            images, labels = self._cached(self.cache / f"{split}_{self.image_size}", listing)
        resident = self.cache is None
        return Pictures(images, labels, listing.classes, resident=resident)

    def _cached(self, folder: Path, listing: "Listing") -> Chunk:
        description = {"reader": type(self).__name__, "files": listing.fingerprint()}
        return cached(
            folder,
            description,
            lambda: self._read(listing),
            self.image_size,
            verify=self.verify,
        )

    def _read(self, listing: "Listing") -> Iterator[Chunk]:
        """Yield the usable pictures in order; warn of the others at the end."""
        unusable: dict[str, list[Path]] = {}
        progress = tqdm(
            desc=f"reading {listing.root}", total=len(listing.files), unit="img", disable=None
        )
        with ThreadPoolExecutor() as pool, progress:
            for start in range(0, len(listing.files), CHUNK):
                files = listing.files[start : start + CHUNK]
                images, labels = [], []
                decoded = pool.map(self._decode, (path for path, _ in files))
                for (path, label), image in zip(files, decoded, strict=True):
                    if isinstance(image, str):
                        unusable.setdefault(image, []).append(path)
                    else:
                        images.append(image)
                        labels.append(label)
                progress.update(len(files))
                if images:
                    yield torch.stack(images), torch.tensor(labels)
        _warn(unusable, len(listing.files))

    def _decode(self, path: Path) -> Tensor | str:
        """Return a picture, ``(3, image_size, image_size)`` uint8, or why there is none."""
        try:
            picture = self.prepare(default_loader(str(path)))  # PIL, converted to RGB.
        except (OSError, SyntaxError, ValueError, DecompressionBombError):
            return "not decodable"  # Truncated, not a picture, or of a size only an attack has.
        return "too small" if picture is None else functional.pil_to_tensor(picture)


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
    loose = sum(path.suffix.lower() in IMG_EXTENSIONS for path in paths)
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
        raise ValueError(f"{root} holds no pictures ({', '.join(IMG_EXTENSIONS)})")
    return Listing(root, files, tuple(classes))


def _folder(setting: str, value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_dir():
        raise FileNotFoundError(f"{setting} must be an existing folder, got {value}")
    return path


def _pictures_below(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in IMG_EXTENSIONS and not hidden:
            yield path


def _warn(unusable: dict[str, list[Path]], total: int) -> None:
    for reason, paths in unusable.items():
        names = ", ".join(map(str, paths[:NAMED_FAILURES]))
        more = ", ..." if len(paths) > NAMED_FAILURES else ""
        logger.warning(
            "left out %d of %d pictures: %s: %s%s", len(paths), total, reason, names, more
        )
