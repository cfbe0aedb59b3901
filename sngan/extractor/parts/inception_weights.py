"""The file that makes an Inception network the FID Inception: found, checked, or fetched."""

import os
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path

import torch
from pytorch_fid import inception as pytorch_fid
from torch import Tensor, nn

from sngan.system.fetch import FetchError
from sngan.system.fetch import fetch as fetch_file
from sngan.system.files import WriteError, write_errors, written_whole
from sngan.system.require import MissingPathError, SettingError
from sngan.system.safe_load import load_tensors, sha256_of

URL = pytorch_fid.FID_WEIGHTS_URL
NUM_BYTES = 95_628_359
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
FILE_NAMES = (
    "pt_inception-2015-12-05-6726825d.pth",  # As pytorch-fid names it.
    "weights-inception-2015-12-05-6726825d.pth",  # As torch-fidelity names the same bytes.
)
ENVIRONMENT_VARIABLE = "SNGAN_INCEPTION"
RANDOM = "random:"
STALL_SECONDS = 30


def load_weights(network: nn.Module, weights: str | None, checksum: str) -> tuple[str, str]:
    """Fill a network.

    Args:
        network: An `sngan.extractor.inception.inception_network`.
        weights: A file, ``random:SEED``, or None to search; see `find_weights`.
        checksum: SHA-256 that a file must have.

    Returns:
        Name of the file, or ``random:SEED``, and the SHA-256 of the file or of the drawn values.

    Raises:
        FileNotFoundError: If there is no file; says what to fetch and where to put it.
        ValueError: If the file has another checksum, or the seed is none.
    """
    if weights is not None and weights.startswith(RANDOM):
        return weights, _randomize(network, weights)
    path = find_weights(weights)
    size = path.stat().st_size
    actual = sha256_of(path) if size == NUM_BYTES or checksum != SHA256 else None
    if actual != checksum:
        found = f"{size:,} bytes, not {NUM_BYTES:,}"
        said = found if actual is None else f"SHA-256 {actual}, not {checksum}"
        raise ValueError(f"{path} is not the FID Inception: {said}")
    network.load_state_dict(load_tensors(path, "a weights file"))
    return path.name, checksum


def find_weights(weights: str | None) -> Path:
    """Return the path of the weights file.

    Args:
        weights: The file. If None, the file that the environment variable ``SNGAN_INCEPTION``
            names, else PyTorch hub's cache folder is searched.

    Raises:
        FileNotFoundError: If no candidate exists.
    """
    candidates = _candidates(weights)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise MissingPathError(
        "weights",
        "must be the FID Inception's, which are not at "
        f"{' or '.join(map(str, candidates))}\n"
        f"fetch {URL} ({NUM_BYTES:,} bytes, SHA-256 {SHA256}): sngan-eval --fetch-inception\n"
        f"or put it there, or name it by this setting or by {ENVIRONMENT_VARIABLE}=FILE; "
        "without network, extractor=efficientnet_lite0 gives scores under its own name",
    )


def _candidates(weights: str | None) -> list[Path]:
    named = weights or os.environ.get(ENVIRONMENT_VARIABLE)
    return [Path(named).expanduser()] if named else [_cache() / name for name in FILE_NAMES]


def fetch(url: str = URL, checksum: str = SHA256) -> Path:
    """Download the weights into PyTorch hub's cache, unless they are there, or somewhere, whole.

    Args:
        url: Where from.
        checksum: SHA-256 that the file must have.

    Raises:
        ValueError: If what arrives has another checksum; nothing is kept then.
        OSError: If it does not arrive, or there is no room.
    """
    target = _cache() / FILE_NAMES[0]
    for path in (*_candidates(None), target):
        if path.is_file() and sha256_of(path) == checksum:
            return path
    with written_whole(target) as temporary:
        try:
            with write_errors(target):
                fetch_file(url, temporary, most=NUM_BYTES, patience=STALL_SECONDS)
        except WriteError:
            raise
        except (OSError, HTTPException) as error:
            raise FetchError(f"{url} does not give the FID Inception: {error}") from error
        if sha256_of(temporary) != checksum:
            raise ValueError(f"{url} is not the FID Inception: it has another SHA-256")
    return target


def _cache() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints"


def _randomize(network: nn.Module, weights: str) -> str:
    """Draw weights that neither let activations vanish nor explode; return their checksum."""
    seed = weights.removeprefix(RANDOM)
    if not seed.isdecimal():
        raise SettingError("weights", f"must be a file or random:SEED, got {weights}")
    random = torch.Generator().manual_seed(int(seed))
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, generator=random)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return _digest(network.state_dict())


def _digest(state: dict[str, Tensor]) -> str:
    digest = sha256()
    for name, tensor in sorted(state.items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
