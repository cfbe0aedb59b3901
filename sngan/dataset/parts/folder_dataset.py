"""Data sets that read a folder tree of pictures.

A file that cannot be used is left out with a warning and a count: one broken file among many must
not cost a night of training.
"""

import logging
from abc import abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from PIL.Image import DecompressionBombError, Image
from torch import Tensor
from tqdm import tqdm

from sngan.dataset.base import Dataset, MissingSplitError, Pictures, Split
from sngan.dataset.parts.cache import Chunk, cached
from sngan.dataset.parts.picture import read_rgb, to_tensor
from sngan.dataset.parts.picture_listing import Listing, list_pictures
from sngan.system.require import MissingPathError, SettingError, require_bool, require_positive

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
        ValueError: If a setting is not accepted, or the cache lies among the pictures.
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
        require_positive(image_size=image_size)
        require_bool(verify=verify)
        self.roots: dict[Split, Path | None] = {
            "train": _folder("root", root),
            "test": None if test_root is None else _folder("test_root", test_root),
        }
        self.image_size = image_size
        self.n_classes = n_classes
        self.cache = None if cache is None else Path(cache).expanduser()
        self._check_cache()
        self.verify = verify

    @abstractmethod
    def prepare(self, picture: Image) -> Image | None:
        """Return a picture of ``image_size`` squared; None to leave it out as too small."""

    def recipe(self) -> dict[str, object]:
        """Return the settings beside ``image_size`` that decide what `prepare` makes."""
        return {}

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`."""
        root = self.roots[split]
        if root is None:
            raise MissingSplitError(
                "test_root", "must name the folder of the test pictures, got None"
            )
        listing = list_pictures(root)
        if self.n_classes not in (None, len(listing.classes)):
            raise SettingError(
                "n_classes",
                f"is {self.n_classes}, but {root} has {len(listing.classes)} folders of pictures",
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

    def _check_cache(self) -> None:
        """Raise if a cache would be taken for a class, or a class for a cache."""
        for root in filter(None, self.roots.values()):
            if self.cache and self.cache.resolve().is_relative_to(root.resolve()):
                raise SettingError("cache", f"must lie outside {root}, got {self.cache}")

    def _cached(self, folder: Path, listing: Listing) -> Chunk:
        description = {
            "reader": type(self).__name__,
            "recipe": self.recipe(),
            "files": listing.fingerprint(),
        }
        return cached(
            folder,
            description,
            lambda: self._read(listing),
            self.image_size,
            verify=self.verify,
        )

    def _read(self, listing: Listing) -> Iterator[Chunk]:
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
            picture = self.prepare(read_rgb(path))
        except (OSError, SyntaxError, ValueError, DecompressionBombError):
            return "not decodable"  # Truncated, not a picture, or of a size only an attack has.
        return "too small" if picture is None else to_tensor(picture)


def _folder(setting: str, value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_dir():
        raise MissingPathError(setting, f"must be an existing folder, got {value}")
    return path


def _warn(unusable: dict[str, list[Path]], total: int) -> None:
    for reason, paths in unusable.items():
        names = ", ".join(map(str, paths[:NAMED_FAILURES]))
        more = ", ..." if len(paths) > NAMED_FAILURES else ""
        logger.warning(
            "left out %d of %d pictures: %s: %s%s", len(paths), total, reason, names, more
        )
