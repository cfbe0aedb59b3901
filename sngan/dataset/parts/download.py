"""Fetching an archive from the first mirror that delivers it."""

import logging
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from socket import getdefaulttimeout, setdefaulttimeout

from torchvision.datasets.utils import download_and_extract_archive

from sngan.system.require import MissingPathError

logger = logging.getLogger(__name__)

STALL_SECONDS = 30


def download(name: str, mirrors: Sequence[str], root: Path, filename: str, md5: str) -> None:
    """Download an archive and unpack it beside itself.

    Args:
        name: What the data set is called.
        mirrors: Addresses, tried in order.
        root: Folder for the archive and its content; created when missing.
        filename: Name of the archive there; if it is there already, nothing is fetched.
        md5: Checksum that it must have.

    Raises:
        FileNotFoundError: If no mirror delivers the archive.
    """
    for url in mirrors:
        logger.info("%s: downloading %s to %s", name, url, root)
        try:
            _download_from(url, root, filename, md5)
        except (OSError, RuntimeError, ValueError, HTTPException) as error:
            logger.warning("%s: %s failed (%s)", name, url, error)
        else:
            return
    raise MissingPathError(
        "root",
        f"must hold {name}, got {root}, and none of its {len(mirrors)} mirrors delivered it\n"
        f"put {filename} (MD5 {md5}) there by hand, or add an address to the mirrors",
    )


def _download_from(url: str, root: Path, filename: str, md5: str) -> None:
    previous = getdefaulttimeout()
    setdefaulttimeout(STALL_SECONDS)  # torchvision sets none: a silent host would hang the run.
    try:
        download_and_extract_archive(url, str(root), filename=filename, md5=md5)
    finally:
        setdefaulttimeout(previous)
