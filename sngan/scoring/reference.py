"""What is known of the real pictures, and the files it is kept in.

The files are those of pytorch-fid (``mu``, ``sigma``) with more beside them: how many pictures
(``n``), what decides the numbers (``meta``, JSON), and some features (``features``).
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import torch
from torch import Tensor

from sngan.extractor.base import Extractor
from sngan.system.files import written_whole
from sngan.system.npz import load_arrays, read_headers
from sngan.system.sealed import SealedFile

logger = logging.getLogger(__name__)

FORMAT = 1
SYMMETRIC = 1e-6  # Largest asymmetry of a covariance, relative to its largest entry.
NAMES = (("mu", "sigma"), ("mean", "cov"))
"""What the moments are called: by pytorch-fid and TTUR; by the paper's authors."""
READ = {*NAMES[0], *NAMES[1], "meta", "features"}


class MismatchError(ValueError):
    """Statistics were made in another way than the features they should be compared with."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Features of real pictures, summed up.

    Attributes:
        label: What the pictures are, in a few words, for the line of a score.
        mean: ``(d,)`` float64.
        covariance: ``(d, d)`` float64, unbiased.
        count: Of how many pictures; None for a file that does not say.
        meta: What decides the numbers, JSON-able; empty for a file that does not say.
        features: ``(m, d)`` float32, those of the first pictures.
        path: The file it is in, if it is in one.
        mismatches: How it differs from the features it is compared with, if the user wants that.
    """

    label: str
    mean: Tensor
    covariance: Tensor
    count: int | None
    meta: Mapping[str, Any]
    features: Tensor
    path: Path | None = None
    mismatches: list[str] = field(default_factory=list)

    def compared_with(self, size: list[int]) -> "Reference":
        """Return the same, with a mark if the other side's pictures are of another size.

        Args:
            size: Their height and width in pixels.
        """
        own = self.meta.get("size", size)
        if own == size:
            return self
        said = "size {1} x {0} instead of {3} x {2}".format(*own, *size)
        return replace(self, mismatches=[*self.mismatches, said])


def extractor_identity(extractor: Extractor) -> dict[str, object]:
    """Return what decides an extractor's features; the name of the weights' file does not."""
    decisive = {key: value for key, value in extractor.provenance.items() if key != "weights"}
    return {"name": extractor.name, "precision": "float32", **decisive}


def write_reference(path: Path, reference: Reference) -> Path:
    """Write a file that pytorch-fid reads, whole or not at all, and return it."""
    with written_whole(path) as temporary, temporary.open("wb") as file:
        sealed = SealedFile(file)
        np.savez(
            cast("BinaryIO", sealed),
            mu=reference.mean.cpu().numpy(),
            sigma=reference.covariance.cpu().numpy(),
            n=np.int64(reference.count or 0),  # For other readers.
            meta=np.str_(json.dumps(reference.meta)),
            features=reference.features.cpu().numpy(),
        )
        sealed.seal()
    return path


def read_reference(path: Path) -> Reference:
    """Read statistics of ours, of pytorch-fid, TTUR or the paper's authors.

    Raises:
        ValueError: If the file is damaged, or holds no mean and covariance that fit each other.
    """
    arrays = load_arrays(path, READ)
    meta = _meta(path, arrays)
    for mean_name, covariance_name in NAMES:
        if {mean_name, covariance_name} <= arrays.keys():
            mean, covariance = (
                arrays[name].astype(np.float64) for name in (mean_name, covariance_name)
            )
            break
    else:
        raise ValueError(
            f"{path} must hold mu and sigma, or mean and cov, got {[*read_headers(path)]}"
        )
    _check(path, mean, covariance)
    features = arrays.get("features", np.empty((0, len(mean)), np.float32))
    if features.dtype != np.float32 or features.shape[1:] != mean.shape:
        raise ValueError(f"{path} holds features of another kind than its mean")
    return Reference(
        label=str(path),
        mean=torch.from_numpy(mean),
        covariance=torch.from_numpy(covariance),
        count=meta.get("count"),
        meta=meta,
        features=torch.from_numpy(features),
        path=path,
    )


def open_reference(
    path: Path, extractor: Extractor, dimension: int, preset: str | None, allow_mismatch: bool
) -> Reference:
    """Read statistics for comparison with an extractor's features, and refuse what does not fit.

    Args:
        path: The file.
        extractor: Makes the features of the other side.
        dimension: How many features it has.
        preset: For a file that does not say, the preset (``tf1`` or ``pytorch-fid``) that the
            user knows it was made with.
        allow_mismatch: Whether to go on, with a mark, where the file says it was made otherwise.

    Raises:
        MismatchError: If it was made with another preset, is of another size, or was made
            otherwise and that is not allowed.
        ValueError: See `read_reference`; also if the preset must be given.
    """
    reference = read_reference(path)
    if len(reference.mean) != dimension:
        raise MismatchError(
            f"{path} is about {len(reference.mean)} features, {extractor.name} has {dimension}"
        )
    identity = extractor_identity(extractor)
    if not reference.meta:
        return _foreign(reference, identity, preset)
    found = reference.meta.get("extractor", {})
    different = {
        key: f"{key} {found.get(key)} instead of {identity.get(key)}"
        for key in {**identity, **found}
        if found.get(key) != identity.get(key)
    }
    if different and ("preset" in different or not allow_mismatch):
        hint = "" if "preset" in different else "; allow_mismatch=true compares all the same"
        raise MismatchError(f"{path} was made with {', '.join(different.values())}{hint}")
    return replace(reference, mismatches=[*different.values()])


def _foreign(reference: Reference, identity: Mapping[str, object], preset: str | None) -> Reference:
    """Accept a file that says nothing of itself, if the user vouches for its preset."""
    wanted = identity.get("preset")
    if wanted is None:
        raise MismatchError(
            f"foreign statistics: {reference.path} does not say of which network; such files are "
            f"taken with extractor=inception alone, got {identity['name']}"
        )
    if preset is None:
        raise ValueError(
            f"foreign statistics: {reference.path} does not say how pictures were resized; if you "
            "know it, say reference_preset=tf1 or reference_preset=pytorch-fid"
        )
    if preset != wanted:
        raise MismatchError(
            f"{reference.path} was made with preset {preset}, the features are made with "
            f"{wanted}: the two are never mixed; extractor.preset={preset} makes them alike"
        )
    logger.warning(
        "foreign statistics: %s does not say of which pictures, how many, or with which weights "
        "it was made",
        reference.path,
    )
    return replace(reference, mismatches=["foreign statistics"])


def _meta(path: Path, arrays: "Mapping[str, np.ndarray[Any, Any]]") -> dict[str, Any]:
    """Return what a file says of itself; nothing if it is another program's."""
    try:
        meta = json.loads(str(arrays.get("meta", "{}")))
        is_ours = not meta or (isinstance(meta["extractor"], dict) and meta["count"] >= 2)
    except (ValueError, TypeError, LookupError) as error:
        raise ValueError(f"{path} holds meta that cannot be read") from error
    if not is_ours:
        raise ValueError(f"{path} holds meta that cannot be read")
    return dict(meta)


def _check(path: Path, mean: "np.ndarray[Any, Any]", covariance: "np.ndarray[Any, Any]") -> None:
    if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)):
        raise ValueError(
            f"{path} must hold a mean (d,) and a covariance (d, d), "
            f"got {mean.shape} and {covariance.shape}"
        )
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise ValueError(f"{path} holds values that are not finite")
    if np.abs(covariance - covariance.T).max() > SYMMETRIC * np.abs(covariance).max():
        raise ValueError(f"{path} holds a covariance that is not symmetric")
