"""Any folder of pictures."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from PIL.Image import DecompressionBombError
from torch import Tensor
from torchvision.datasets.folder import IMG_EXTENSIONS, default_loader
from torchvision.transforms.v2 import functional
from tqdm import tqdm

from sngan.dataset.base import Dataset, Pictures, Split

logger = logging.getLogger(__name__)

NAMED_FAILURES = 5


class ImageFolder(Dataset):
    """Pictures of a folder tree, read into memory once; sub-folders are classes.

    A picture of another size is scaled so that its shorter side is ``image_size`` (bilinear,
    antialiased) and cropped at the centre. Files that cannot be decoded are left out with a
    warning and a count: one broken file among many must not cost a night of training.

    Args:
        root: Folder of the training pictures. Each sub-folder is a class, sorted by name, with
            everything below it; a folder without sub-folders is one class. Names that begin with
            a dot are passed over.
        image_size: Side of the pictures in pixels, at least 1.
        test_root: Folder of the test pictures, or None.

    Raises:
        ValueError: If ``image_size`` is below 1.
        FileNotFoundError: If a folder does not exist.
    """

    def __init__(self, root: str, image_size: int = 32, test_root: str | None = None) -> None:
        if image_size < 1:
            raise ValueError(f"dataset.image_size must be >= 1, got {image_size}")
        self.roots: dict[Split, Path | None] = {
            "train": _folder("dataset.root", root),
            "test": None if test_root is None else _folder("dataset.test_root", test_root),
        }
        self.image_size = image_size

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`."""
        root = self.roots[split]
        if root is None:
            raise ValueError(
                "an image_folder has a test split only if dataset.test_root=DIR names its folder; "
                "protocol=modern and protocol=quick do without"
            )
        names = [path for path in root.iterdir() if not path.name.startswith(".")]
        classes = sorted(path.name for path in names if path.is_dir()) or ["."]
        loose = sum(path.suffix.lower() in IMG_EXTENSIONS for path in names)
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
        return self._read(root, files, classes)

    def _read(self, root: Path, files: list[tuple[Path, int]], classes: list[str]) -> Pictures:
        images, labels, broken = [], [], []
        with ThreadPoolExecutor() as pool:
            decoded = pool.map(self._decode, (path for path, _ in files))
            progress = tqdm(decoded, f"reading {root}", len(files), unit="img", disable=None)
            for (path, label), image in zip(files, progress, strict=True):
                if image is None:
                    broken.append(path)
                else:
                    images.append(image)
                    labels.append(label)
        _warn(broken, len(files))
        if not images:
            raise ValueError(f"none of the {len(files)} pictures in {root} could be decoded")
        return Pictures(torch.stack(images), torch.tensor(labels), tuple(classes))

    def _decode(self, path: Path) -> Tensor | None:
        try:
            picture = default_loader(str(path))  # PIL, converted to RGB.
        except (OSError, SyntaxError, ValueError, DecompressionBombError):
            return None  # Truncated, not a picture, or of a size that only an attack would have.
        if min(picture.size) != self.image_size:
            picture = functional.resize(picture, [self.image_size], antialias=True)
        return functional.pil_to_tensor(functional.center_crop(picture, [self.image_size]))


def _folder(setting: str, value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_dir():
        raise FileNotFoundError(f"{setting} must be an existing folder, got {value}")
    return path


def _pictures_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in IMG_EXTENSIONS and not hidden:
            yield path


def _warn(broken: list[Path], total: int) -> None:
    if broken:
        names = ", ".join(map(str, broken[:NAMED_FAILURES]))
        more = ", ..." if len(broken) > NAMED_FAILURES else ""
        logger.warning(
            "left out %d of %d pictures: not decodable: %s%s", len(broken), total, names, more
        )
