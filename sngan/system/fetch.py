"""Files from hosts that need not be trusted: bounded in length, and no host without HTTPS."""

import time
from collections.abc import Callable
from http.client import HTTPMessage
from ipaddress import ip_address
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sngan.system.progress import Progress

PIECE = 2**16  # Bytes.
LEAST_RATE = 1000  # Bytes a second; so slow a host would take two days for CIFAR-10.


class FetchError(OSError):
    """What a host sends is not what was asked for."""


def fetch(
    url: str,
    path: Path,
    *,
    most: int,
    patience: float,
    before: Callable[[int], None] = lambda _: None,
) -> None:
    """Download a file. What is there of it after an error is for the caller to remove.

    Args:
        url: Its address: HTTPS, or plain HTTP for a server on this machine.
        path: Where to write it.
        most: How many bytes it may have.
        patience: Seconds to wait for a host that sends nothing, or next to nothing.
        before: Called with the number of bytes that the host promises, if it promises any.

    Raises:
        OSError: If it does not arrive, or does not fit; `FetchError` among others.
        ValueError: If the address is none.
        http.client.HTTPException: If the host does not speak HTTP.
    """
    _require_safe(url)
    request = Request(url, headers={"User-Agent": "sngan"})
    with build_opener(_Redirects()).open(request, timeout=patience) as response:
        promised = response.length
        if promised is not None:
            _require_length(promised, most)
            before(promised)
        done, start = 0, time.monotonic()
        with path.open("wb") as file, _progress(url, promised) as progress:
            while piece := response.read1(PIECE):  # What there is: read() would wait for more.
                done += len(piece)
                _require_length(done, most)
                _require_rate(done, time.monotonic() - start, patience)
                file.write(piece)
                progress.update(len(piece))
    if promised is not None and done < promised:
        raise FetchError(f"broke off after {done:,} of {promised:,} bytes")


class _Redirects(HTTPRedirectHandler):
    """Follows where an address leads, as long as that is safe, too."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        _require_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _progress(url: str, total: int | None) -> Progress:
    return Progress(Path(urlsplit(url).path).name or url, total, "B")


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname)):
        return
    raise FetchError(f"an address must begin with https://, got {url}")


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _require_length(length: int, most: int) -> None:
    if length > most:
        raise FetchError(f"sends more than the {most:,} bytes that it should")


def _require_rate(done: int, seconds: float, patience: float) -> None:
    if seconds > patience and done < LEAST_RATE * seconds:
        raise FetchError(f"sends less than {LEAST_RATE:,} bytes a second")
