"""Statistics of real pictures, computed once and kept for all runs of a user."""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from platformdirs import user_cache_path

from sngan.metric.parts.kept_features import KeptFeatures
from sngan.metric.parts.moments import Moments
from sngan.run_folder.environment import versions
from sngan.sampling.quantize import Quantization
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.reference import (
    FORMAT,
    Reference,
    extractor_identity,
    read_reference,
    write_reference,
)
from sngan.scoring.source import Selection, Source

logger = logging.getLogger(__name__)

NAME_LENGTH = 150  # The end of it holds what tells it from others.
CHUNK = 1000  # Pictures whose checksum is computed at a time, to bound memory.


class ReferenceStore:
    """A folder of statistics, found by the content of the pictures and of the extractor.

    Args:
        folder: Where they are kept; None for the user's cache folder.
        describe: The extractor's pass.
    """

    def __init__(self, folder: Path | None, describe: FeaturePass) -> None:
        self.folder = folder or user_cache_path("sngan") / "references"
        self.describe = describe

    def get(
        self, pictures: Source, label: str, num_features: int, about: Mapping[str, Any]
    ) -> Reference:
        """Return the statistics of some pictures; describe these only if nobody has.

        One process describes them while others wait, unless they share the work.

        Args:
            pictures: All of them enter.
            label: What they are, in a few words.
            num_features: How many of the first pictures' features to keep at least.
            about: What else is known of the pictures, for whoever finds the file.

        Raises:
            OSError: If the folder cannot be made, or is not shared among processes.
        """
        identity = self._identity(pictures)
        key = sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
        workers = self.describe.workers
        is_leader = workers.rank == 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(f"cache={self.folder} cannot be made: {error}") from error
        with FileLock(self.folder / f".{key}.lock") if is_leader else nullcontext():
            found = self._find(key, identity, num_features) if is_leader else None
            if workers.sum(torch.tensor(float(found is not None))):
                found = found or self._find(key, identity, num_features)
                if found is None:
                    raise FileNotFoundError(
                        f"{self.folder} lacks the statistics that the first process found: "
                        "cache=DIR must name a folder that all processes share"
                    )
                return replace(found, label=label)
            made = self._make(pictures, label, num_features, {**identity, "about": about})
            path = self.folder / _file_name(label, identity, key)
            return replace(made, path=write_reference(path, made) if is_leader else path)

    def _find(self, key: str, identity: dict[str, Any], num_features: int) -> Reference | None:
        """Return what is kept about these pictures, if it has enough features."""
        for path in sorted(self.folder.glob(f"*{key}.npz")):
            try:
                found = read_reference(path)
            except ValueError as error:
                logger.warning("%s; it is made anew", error)
                continue
            is_same = all(found.meta.get(name) == value for name, value in identity.items())
            if is_same and len(found.features) >= min(num_features, identity["count"]):
                return found
        return None

    def _identity(self, pictures: Source) -> dict[str, Any]:
        """Return what decides the statistics."""
        size = [*pictures(torch.zeros(1, dtype=torch.int64)).shape[2:]]
        return {
            "format": FORMAT,
            "pictures": _digest(pictures),
            "size": size,
            "count": pictures.count,
            "extractor": extractor_identity(self.describe.extractor),
        }

    def _make(
        self, pictures: Source, label: str, num_features: int, meta: dict[str, Any]
    ) -> Reference:
        moments = Moments()
        kept = KeptFeatures(min(num_features, meta["count"]))
        rules: dict[Quantization | None, int] = {None: meta["count"]}
        for batch in self.describe(pictures, rules, f"real pictures, {label}"):
            moments.update(batch.features.pool)
            kept.update(batch.index, batch.features.pool)
        workers = self.describe.workers
        mean, covariance = moments.result(workers)
        return Reference(
            label=label,
            mean=mean.cpu(),
            covariance=covariance.cpu(),
            count=meta["count"],
            meta={**meta, "versions": versions()},
            features=kept.result(workers),
        )


def _digest(pictures: Source) -> str:
    """Return the SHA-256 of all pictures and of their order."""
    digest = sha256()
    if isinstance(pictures, Selection):  # From one end of a file to the other, then their order.
        digest.update(pictures.chosen.numpy().tobytes())
        pictures = Selection(pictures.source, pictures.chosen.sort().values)
    assert pictures.count is not None
    for index in torch.arange(pictures.count).split(CHUNK):
        digest.update(pictures(index).cpu().contiguous().numpy().data)
    return digest.hexdigest()


def _file_name(label: str, identity: dict[str, Any], key: str) -> str:
    """Return a name for people; the key at its end is what it is found by."""
    words = f"{Path(label).name} {identity['count']} {identity['extractor']['name']} {key}"
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", words)[-NAME_LENGTH:] + ".npz"
