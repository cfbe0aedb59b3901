"""Data sets of the Hugging Face Hub, and of folders in its forms, read by their ``datasets``."""

import logging
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sngan.dataset.base import Dataset, MissingSplitError, Pictures, Split
from sngan.dataset.parts.attempt import AHEAD, attempt
from sngan.dataset.parts.fit import fit, weigh
from sngan.dataset.parts.left_out import LeftOut
from sngan.dataset.parts.memory import empty_pictures
from sngan.dataset.parts.picture import DECODING, decoded, opened, opened_bytes, to_tensor
from sngan.system.declared import Classes, ImageChannels, PathText, Pixels, Text, checked
from sngan.system.printable import printable
from sngan.system.require import MissingPathError, SettingError

logger = logging.getLogger(__name__)

COMMIT = re.compile(r"@([0-9a-f]{40})/")
ONE_CLASS = "."


class HuggingFace(Dataset):
    """Pictures of a data set by its name on the Hub, or of a folder.

    Nothing that comes with a data set is run: versions of ``datasets`` that could are not accepted.
    A picture of another size is scaled and cropped as those of `ImageFolder` are.

    Args:
        path: Name on the Hub (``user/name``); or a folder: of parquet files, or one that
            ``save_to_disk`` has written.
        config: Of several parts of a data set, the name of one; None for its default.
        revision: Branch, tag or commit on the Hub; None for the newest.
        train_split: Name of the training split, or a part of one, as ``train[:1000]``.
        test_split: Name of the test split; None if there is none.
        image_column: Where the pictures are; None for the only column of pictures.
        label_column: Where the classes are; None for the only column of classes, if there is one.
        image_size: Side of the pictures in pixels.
        channels: 3 for RGB pictures, 1 for grey ones.
        n_classes: Number of classes it must have; None for any.
        cache: Folder for what is downloaded; None for that of ``datasets``.
    """

    @checked
    def __init__(
        self,
        path: Text,
        config: Text | None = None,
        revision: Text | None = None,
        train_split: Text = "train",
        test_split: Text | None = "test",
        image_column: Text | None = None,
        label_column: Text | None = None,
        image_size: Pixels = 32,
        channels: ImageChannels = 3,
        n_classes: Classes | None = None,
        cache: PathText | None = None,
    ) -> None:
        self.path = path
        self.config = config
        self.revision = revision
        self.splits: dict[Split, str | None] = {"train": train_split, "test": test_split}
        self.columns = {"image_column": image_column, "label_column": label_column}
        self.image_size = image_size
        self.channels = channels
        self.n_classes = n_classes
        self.cache = cache

    def load(self, split: Split) -> Pictures:
        """See `Dataset.load`; downloads at first use."""
        name = self.splits[split]
        if name is None:
            raise MissingSplitError(
                "test_split", "must name the split of the test pictures, got None"
            )
        table = self._table(name, f"{split}_split")
        labels, classes = self._labels(table)
        if self.n_classes not in (None, len(classes)):
            said = f"is {self.n_classes}, but {printable(self.path)} has {len(classes)} classes"
            raise SettingError("n_classes", said)
        images, rows = self._images(table)
        return Pictures(images, labels[rows], classes, revision=_revision(table))

    def _table(self, split: str, setting: str) -> Any:  # noqa: ANN401 - of an optional package.
        """Return a split, not decoded."""
        import datasets

        folder = Path(self.path).expanduser()
        try:
            if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
                found = datasets.load_from_disk(str(folder))
                table = found[split] if isinstance(found, datasets.DatasetDict) else found
            else:
                where = str(folder) if folder.is_dir() else self.path
                table = datasets.load_dataset(
                    where, self.config, split=split, revision=self.revision,
                    cache_dir=None if self.cache is None else str(self.cache),
                )  # fmt: skip
        except KeyError as error:
            said = f"must be one of {', '.join(map(str, found))}, got {split}"
            raise SettingError(setting, said) from error
        except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
            raise self._explained(error, setting) from error
        if (revision := _revision(table)) is not None:
            logger.info("%s is of revision %s", printable(self.path), revision)
        return table

    def _explained(self, error: Exception, setting: str) -> Exception:
        said = printable(str(error).partition("\n")[0])
        if "split" in said.lower():
            return SettingError(setting, f"cannot be had of {printable(self.path)}: {said}")
        return MissingPathError(
            "path", f"must be a data set of pictures, got {printable(self.path)}: {said}"
        )

    def _column(self, table: Any, setting: str, kind: str) -> str | None:  # noqa: ANN401
        """Return the column of a kind: the one that is named, or the only one."""
        named = self.columns[setting]
        if named is not None:
            if named not in table.column_names:
                said = f"must be one of {', '.join(table.column_names)}, got {named}"
                raise SettingError(setting, said)
            return named
        found = [name for name, what in table.features.items() if type(what).__name__ == kind]
        if len(found) > 1:
            raise SettingError(setting, f"must be one of {', '.join(found)}, got null")
        return found[0] if found else None

    def _labels(self, table: Any) -> tuple[Tensor, tuple[str, ...]]:  # noqa: ANN401
        """Return a class for each row, and the names of the classes."""
        column = self._column(table, "label_column", "ClassLabel")
        if column is None:
            return torch.zeros(len(table), dtype=torch.int64), (ONE_CLASS,)
        values = table[column][:]
        if names := getattr(table.features[column], "names", None):
            numbers = {number: number for number in range(len(names))}
        else:
            kinds = sorted(set(values))
            names, numbers = kinds, {kind: number for number, kind in enumerate(kinds)}
        if unknown := set(values) - set(numbers):
            said = f"has rows without a class ({printable(str(min(map(str, unknown))))})"
            raise SettingError("label_column", said)
        labels = torch.tensor([numbers[value] for value in values], dtype=torch.int64)
        return labels, tuple(printable(str(name)) for name in names)

    def _images(self, table: Any) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        """Return the pictures that can be used, and their rows."""
        import datasets

        column = self._column(table, "image_column", "Image")
        if column is None:
            said = f"must name a column of pictures, of {', '.join(table.column_names)}; got null"
            raise SettingError("image_column", said)
        encoded = table.select_columns(column).cast_column(column, datasets.Image(decode=False))
        images = empty_pictures(len(table), self.image_size, channels=self.channels)
        left_out, used = LeftOut(), list[int]()
        for rows, pictures in attempt(
            lambda row: self._decode(encoded[row][column]),
            range(len(table)),
            lambda reason, row: left_out.add(reason, f"row {row}"),
            f"reading {printable(self.path)}",
            AHEAD,
        ):
            images[len(used) : len(used) + len(rows)] = torch.stack(pictures)
            used += rows
        left_out.warn(len(table))
        if not used:
            raise SettingError("path", f"has no picture that can be used: {printable(self.path)}")
        return images[: len(used)], torch.tensor(used)

    def _decode(self, value: dict[str, Any]) -> Tensor:
        """Return a picture, ``(channels, image_size, image_size)`` uint8."""
        content = value["bytes"]
        source = opened(Path(value["path"])) if content is None else opened_bytes(content)
        with source as picture, DECODING.taken(weigh(*picture.size, self.image_size)):
            return to_tensor(fit(decoded(picture, self.channels), self.image_size))


def _revision(table: Any) -> str | None:  # noqa: ANN401 - of an optional package.
    """Return the commit on the Hub that a table is of; None for one of this machine."""
    found = COMMIT.search(" ".join(table.info.download_checksums or ()))
    return None if found is None else found[1]
