import resource
import signal
from contextlib import contextmanager

import pytest


@pytest.fixture
def small_files():
    """Give a context in which no file grows beyond 100,000 bytes, as on a full disk.

    Also none of pytest's own, so it must not last longer than what is tested.
    """

    @contextmanager
    def limit():
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)

    return limit
