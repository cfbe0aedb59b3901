"""``make reproduce-paper`` on a fresh machine, with commands that only note how they are called."""

import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTENT = b"weights"
EVAL = f"""#!{sys.executable}
import os, sys
from functools import partial
from sngan.commands import entry
from sngan.extractor.parts import inception_weights as weights
weights.fetch = partial(weights.fetch, os.environ["HOST"], "{hashlib.sha256(CONTENT).hexdigest()}")
entry.evaluate()
"""
NOTE = '#!/bin/sh\necho "$(basename $0) $*" >> "$CALLS"\n'

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def host():
    """A server on this machine that has the weights; returns its address and what was asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/weights.pth", asked
    server.shutdown()


@pytest.fixture
def make(tmp_path):
    """Reproduce the paper with an empty cache; returns the process and what was called."""
    for name, content in (("eval", EVAL), ("reproduce", NOTE), ("report", NOTE)):
        path = tmp_path / "bin" / f"sngan-{name}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        path.chmod(0o755)
    calls = tmp_path / "calls"

    def run(host, words=""):
        calls.write_text("")
        process = subprocess.run(
            ["make", "-f", ROOT / "Makefile", "-o", ".venv/offline", "reproduce-paper",
             f"BIN={tmp_path / 'bin'}", f"REPRODUCE={words}"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120,
            env={**os.environ, "HOST": host, "TORCH_HOME": str(tmp_path), "CALLS": str(calls)},
        )  # fmt: skip
        return process, calls.read_text().splitlines()

    return run


@pytest.mark.slow
def test_the_network_of_fid_is_fetched_once_and_first(make, host, tmp_path):
    url, asked = host
    called = ["sngan-reproduce ", "sngan-report runs/reproduce/paper"]
    process, calls = make(url)
    assert process.returncode == 0, process.stderr
    assert calls == called
    assert [path.read_bytes() for path in tmp_path.rglob("*.pth")] == [CONTENT]
    assert make(url)[1] == called
    assert len(asked) == 1


@pytest.mark.slow
def test_without_network_it_ends_before_anything_is_trained_and_says_what_can_be_done(make):
    process, calls = make("http://127.0.0.1:9/")
    assert process.returncode == 2
    assert calls == []
    assert "127.0.0.1:9/ does not give the FID Inception" in process.stderr
    assert "make reproduce-paper REPRODUCE=extractor=efficientnet_lite0" in process.stderr


@pytest.mark.parametrize("words", ["extractor=efficientnet_lite0", "--seeds 1 --list", "--dry-run"])
def test_what_needs_no_such_network_does_not_ask_for_it(make, words):
    process, calls = make("http://127.0.0.1:9/", words)
    assert process.returncode == 0
    assert calls[0] == f"sngan-reproduce {words}"
