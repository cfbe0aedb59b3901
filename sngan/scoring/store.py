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

from sngan.metric.moments import Moments
from sngan.quantize import Quantization
from sngan.record import versions
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.kept_features import KeptFeatures
from sngan.scoring.reference import (
    FORMAT,
    Reference,
    extractor_identity,
    read_reference,
    write_reference,
)
from sngan.scoring.source import Source

logger = logging.getLogger(__name__)

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
        """
        identity = self._identity(pictures)
        path = self.folder / _file_name(label, identity)
        workers = self.describe.workers
        is_leader = workers.rank == 0
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")) if is_leader else nullcontext():
            found = _find(path, identity, num_features) if is_leader else None
            if workers.sum(torch.tensor(float(found is not None))):
                return replace(found or read_reference(path), label=label)
            made = self._make(pictures, label, num_features, {**identity, "about": about})
            return replace(made, path=write_reference(path, made) if is_leader else path)

    def _identity(self, pictures: Source) -> dict[str, Any]:
        """Return what decides the statistics."""
        digest = sha256()
        assert pictures.count is not None
        for index in torch.arange(pictures.count).split(CHUNK):
            images = pictures(index)
            digest.update(str(tuple(images.shape[1:])).encode())
            digest.update(images.cpu().contiguous().numpy().data)
        return {
            "format": FORMAT,
            "pictures": digest.hexdigest(),
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


def _file_name(label: str, identity: dict[str, Any]) -> str:
    """Return a name for people; what is in the file is decided by its content."""
    key = sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]
    words = f"{label} {identity['count']} {identity['extractor']['name']} {key}"
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", words) + ".npz"


def _find(path: Path, identity: dict[str, Any], num_features: int) -> Reference | None:
    """Return what is in a file if it is about these pictures and has enough features."""
    if not path.exists():
        return None
    try:
        found = read_reference(path)
    except ValueError as error:
        logger.warning("%s; it is made anew", error)
        return None
    is_same = all(found.meta.get(key) == value for key, value in identity.items())
    enough = len(found.features) >= min(num_features, identity["count"])
    return found if is_same and enough else None
