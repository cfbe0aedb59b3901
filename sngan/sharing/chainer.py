"""Generators of the authors' Chainer code, out of files of ``chainer.serializers.save_npz``.

Either a network alone, as ``snapshot_object`` writes it, or a whole trainer, as ``snapshot`` does.
What a network is called there is written down from the authors' own definitions:
https://github.com/pfnet-research/sngan_projection/tree/e84b1a5/gen_models and
https://github.com/pfnet-research/chainer-gan-lib/blob/cf9efba/common/net.py
"""

import re
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch

from sngan.sharing.foreign import Foreign, cnn, residual
from sngan.system.npz import SUFFIX, load_arrays, names_in

TENSORS = {
    "W": "weight",
    "b": "bias",
    "gamma": "weight",
    "beta": "bias",
    "avg_mean": "running_mean",
    "avg_var": "running_var",
}
BLOCK = {
    "c1": "conv1",
    "c2": "conv2",
    "c_sc": "shortcut",
    "b1": "norm1",
    "b2": "norm2",
    "gammas": "gamma",
    "betas": "beta",
}
STANDARD = {
    "l0": "dense",
    "bn0": "after_dense.0",
    "dc1": "up.0.0",
    "bn1": "up.0.1",
    "dc2": "up.1.0",
    "bn2": "up.1.1",
    "dc3": "up.2.0",
    "bn3": "up.2.1",
    "dc4": "to_rgb",
}
COUNTER = "N"
"""Of batches, of which their batch norm makes nothing."""
FLOATS = ("float16", "float32", "float64")
FIRST = re.compile(r"(.*/|)(l0|l1)/W")
"""The weight of the dense layer with which a generator begins."""
STEP = "updater/iteration"
STEP_OF_NAME = re.compile(r"_(\d{1,12})(\.npz)?$")


def is_chainer(path: Path) -> bool:
    """Tell whether a file is an archive of arrays, whatever its name: trainers' have no suffix."""
    try:
        with ZipFile(path) as archive:
            return all(name.endswith(SUFFIX) for name in archive.namelist())
    except (BadZipFile, OSError):
        return False


def read_chainer(path: Path) -> Foreign:
    """Read a generator.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it holds none of those that are known here, or is damaged.
    """
    names = names_in(path)
    prefix, is_standard = _place(names, path)
    own = [name for name in names if name.startswith(prefix)]
    arrays = load_arrays(path, [*own, STEP])
    weights = {}
    for name in own:
        ours = _ours(name.removeprefix(prefix), is_standard, path)
        if ours is None:
            continue
        if arrays[name].dtype.name not in FLOATS:
            raise ValueError(f"{path}: {name} must be floats, got {arrays[name].dtype}")
        weights[ours] = torch.from_numpy(arrays[name])
    return (cnn if is_standard else residual)(weights, _step(arrays.get(STEP), path), path)


def our_name(name: str) -> str | None:
    """Translate the name of an entry of a residual generator, as ``block2/c1/W``.

    Returns:
        Our name; None for what is no entry of one.
    """
    first, *path, last = name.split("/")
    block = re.fullmatch(r"block(\d+)", first)
    if last not in TENSORS:
        return None
    if block and path and all(part in BLOCK for part in path):
        # Their blocks are counted from 2, after the dense layer.
        return ".".join(
            ["blocks", str(int(block[1]) - 2), *(BLOCK[x] for x in path), TENSORS[last]]
        )
    outer = {"l1": "dense"}.get(first) or _end(first)
    return f"{outer}.{TENSORS[last]}" if outer and not path else None


def _end(name: str) -> str | None:
    """Return what a layer behind the blocks is, whose number is that of the blocks and one more."""
    if re.fullmatch(r"b\d+", name):
        return "norm"
    return "to_rgb" if re.fullmatch(r"[cl]\d+", name) else None


def _ours(name: str, is_standard: bool, path: Path) -> str | None:
    """Return our name of an entry; None for what we do not keep."""
    if name.endswith(f"/{COUNTER}"):
        return None
    if not is_standard:
        found = our_name(name)
    else:
        layer, _, last = name.partition("/")
        is_known = layer in STANDARD and last in TENSORS
        found = f"{STANDARD[layer]}.{TENSORS[last]}" if is_known else None
    if found is None:
        raise ValueError(f"{path} holds no generator that is known here: what is {name}?")
    return found


def _place(names: list[str], path: Path) -> tuple[str, bool]:
    """Return what stands before the names of the generator, and whether it is the standard CNN."""
    found = [
        (match[1], match[2] == "l0")
        for match in map(FIRST.fullmatch, names)
        if match and _is_generator(match[1], match[2], names)
    ]
    if len(found) != 1:
        raise ValueError(
            f"{path} must hold one generator of the authors' code, it holds {len(found)}"
        )
    return found[0]


def _is_generator(prefix: str, dense: str, names: list[str]) -> bool:
    return f"{prefix}{'dc1' if dense == 'l0' else 'block2/c1'}/W" in names


def _step(noted: np.ndarray[Any, Any] | None, path: Path) -> int:
    """Return the iterations that a trainer notes, or that their names of files say; 0 if none."""
    if noted is not None and noted.shape == () and noted.dtype.kind in "iu" and noted >= 0:
        return int(noted)
    found = STEP_OF_NAME.search(path.name)
    return int(found[1]) if found else 0
