"""Data sets that read a folder tree of pictures.

A file that cannot be used is left out with a warning and a count: one broken file among many must
not cost a night of training. A folder without a file that can be used is no class.
"""

import logging
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from PIL.Image import Image
from torch import Tensor

from sngan.dataset.base import Dataset, MissingSplitError, Pictures, Split
from sngan.dataset.parts.attempt import AHEAD, attempt
from sngan.dataset.parts.cache import Chunk, cached
from sngan.dataset.parts.disk import require_room
from sngan.dataset.parts.left_out import LeftOut
from sngan.dataset.parts.memory import empty_pictures
from sngan.dataset.parts.picture import DECODING, decoded, look, opened, to_tensor
from sngan.dataset.parts.picture_listing import Listing, list_pictures
from sngan.system.printable import printable
from sngan.system.require import MissingPathError, SettingError

logger = logging.getLogger(__name__)

READING = 1  # Raised when files are read in another way: copies made in the old one are made anew.
AHEAD_BYTES = 2**25  # Of pictures decoded ahead of being used.
NO_USABLE_PICTURE = "no picture in it that can be used"


class FolderDataset(Dataset):
    """Pictures of a folder tree; sub-folders are classes.

    Args:
        root: Folder of the training pictures.
        test_root: Folder of the test pictures, or None.
        image_size: Side of the pictures in pixels, at least 1.
        n_classes: Number of classes the folder must have; None for any.
        cache: Folder for a memory-mapped copy, for sets too large for memory; None for memory.
        verify: Whether to compare the copy's checksum at every start.
        channels: 3 for RGB pictures, 1 for grey ones; those in files become what is wanted.

    Raises:
        ValueError: If a setting is not accepted, or the cache lies among the pictures.
        FileNotFoundError: If a folder does not exist.
    """

    def __init__(
        self,
        root: str | Path,
        test_root: str | Path | None,
        image_size: int,
        n_classes: int | None,
        cache: str | Path | None,
        verify: bool,
        channels: int = 3,
    ) -> None:
        self.roots: dict[Split, Path | None] = {
            "train": _folder("root", root),
            "test": None if test_root is None else _folder("test_root", test_root),
        }
        self.image_size = image_size
        self.channels = channels
        self.n_classes = n_classes
        self.cache = None if cache is None else Path(cache).expanduser()
        self._check_cache()
        self.verify = verify

    @abstractmethod
    def weigh(self, width: int, height: int) -> int:
        """Return how many pixels a picture of some size has at its largest, while it is prepared.

        Raises:
            UnusablePictureError: If it is to be left out; says why.
        """

    @abstractmethod
    def prepare(self, picture: Image) -> Image:
        """Return a picture that `weigh` accepts as one of ``image_size`` squared."""

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
        if self.n_classes is not None and self.n_classes > len(listing.classes):
            self._require_classes(len(listing.classes), root)
        if self.cache is None:
            images, labels = self._in_memory(listing)
        else:
            images, labels = self._cached(self.cache / self._copy(split), listing)
        labels, classes = _used_classes(labels, listing)
        self._require_classes(len(classes), root)
        return Pictures(images, labels, classes, resident=self.cache is None)

    def _require_classes(self, count: int, root: Path) -> None:
        if self.n_classes not in (None, count):
            raise SettingError(
                "n_classes",
                f"is {self.n_classes}, but {printable(root)} has {count} folders of pictures",
            )

    def _check_cache(self) -> None:
        """Raise if a cache would be taken for a class, or a class for a cache."""
        for root in filter(None, self.roots.values()):
            if self.cache and self.cache.resolve().is_relative_to(root.resolve()):
                raise SettingError("cache", f"must lie outside {root}, got {self.cache}")

    def _copy(self, split: Split) -> str:
        """Return the name of the folder of a copy."""
        return f"{split}_{self.image_size}{'' if self.channels == 3 else '_grey'}"

    def _in_memory(self, listing: Listing) -> Chunk:
        advice = "; dataset.cache=DIR keeps them in a file that is mapped into memory"
        images = empty_pictures(len(listing.files), self.image_size, advice, self.channels)
        labels = torch.empty(len(listing.files), dtype=torch.int64)
        count = 0
        for some_images, some_labels in self._read(listing):
            here = slice(count, count := count + len(some_labels))
            images[here], labels[here] = some_images, some_labels
        if not count:
            raise _none_of(listing)
        return images[:count], labels[:count]

    def _cached(self, folder: Path, listing: Listing) -> Chunk:
        description = {
            "reader": type(self).__name__,
            "reading": READING,
            "recipe": self.recipe(),
            "files": listing.fingerprint(),
        }
        is_new = False

        def build() -> Iterator[Chunk]:
            nonlocal is_new
            is_new = True
            return self._read(self._looked_at(listing, folder))

        chunk = cached(
            folder, description, build, self.image_size, channels=self.channels, verify=self.verify
        )
        count, total = len(chunk[1]), len(listing.files)
        if count < total and not is_new:
            logger.warning(
                "%s has %d of %d pictures; why not the others was said when it was made",
                printable(folder), count, total,
            )  # fmt: skip
        return chunk

    def _looked_at(self, listing: Listing, folder: Path) -> Listing:
        """Return what seems usable. What can fail should, before hours of reading."""
        left_out = LeftOut()
        paths = [path for path, _ in listing.files]
        doing = f"looking at {printable(listing.root)}"
        looks = attempt(self._look, paths, left_out.add, doing)
        files = [listing.files[index] for indices, _ in looks for index in indices]
        left_out.warn(listing.total)
        if not files:
            raise _none_of(listing)
        self._require_classes(len({label for _, label in files}), listing.root)
        require_room(
            folder, len(files) * self.channels * self.image_size**2, "the copy of the pictures"
        )
        return replace(listing, files=files)

    def _look(self, path: Path) -> None:
        self.weigh(*look(path))

    def _read(self, listing: Listing) -> Iterator[Chunk]:
        """Yield the usable pictures in order; warn of the others at the end."""
        left_out = LeftOut()
        paths = [path for path, _ in listing.files]
        doing = f"reading {printable(listing.root)}"
        ahead = max(1, min(AHEAD, AHEAD_BYTES // (self.channels * self.image_size**2)))
        for indices, images in attempt(self._decode, paths, left_out.add, doing, ahead):
            labels = [listing.files[index][1] for index in indices]
            yield torch.stack(images), torch.tensor(labels)
        left_out.warn(listing.total)

    def _decode(self, path: Path) -> Tensor:
        """Return a picture, ``(channels, image_size, image_size)`` uint8."""
        with opened(path) as picture, DECODING.taken(self.weigh(*picture.size)):
            return to_tensor(self.prepare(decoded(picture, self.channels)))


def _folder(setting: str, value: str | Path) -> Path:
    path = Path(value).expanduser()
    if not path.is_dir():
        raise MissingPathError(setting, f"must be an existing folder, got {value}")
    return path


def _none_of(listing: Listing) -> ValueError:
    return ValueError(
        f"none of the {len(listing.files)} pictures in {printable(listing.root)} can be used"
    )


def _used_classes(labels: Tensor, listing: Listing) -> tuple[Tensor, tuple[str, ...]]:
    """Return labels and names of the classes that have a picture: others would only be drawn."""
    used = labels.unique()
    without = LeftOut()
    for label in set(range(len(listing.classes))).difference(used.tolist()):
        without.add(NO_USABLE_PICTURE, listing.classes[label])
    without.warn(len(listing.classes), "classes")
    return torch.searchsorted(used, labels), tuple(listing.classes[i] for i in used.tolist())
