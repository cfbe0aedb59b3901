"""Signals: at once and cleanly, or between two iterations."""

import os
import signal
import subprocess
import sys

import pytest

from sngan.system import interruption
from sngan.system.interruption import Interruption, cleaned

PROGRAM = """
import os, signal, sys
from pathlib import Path
from sngan.system.interruption import clean_at_end, cleaned, end_at_once

def half(name):
    path = Path(name)
    path.touch()
    return lambda: path.unlink(missing_ok=True)

end_at_once()
clean_at_end(half("whole"))
with cleaned(half("a")), cleaned(lambda: 1 / 0), cleaned(half("b")):
    {then}
"""


def ends(folder, then, **options):
    code = PROGRAM.format(then=then)
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, **options
    )
    return process.returncode, process.stderr, {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_cleans_up_whatever_fails_there(tmp_path, number):
    code, said, left = ends(tmp_path, f"signal.raise_signal({int(number)})")
    assert (code, left) == (128 + number, set())
    assert len(said.splitlines()) == 1


def test_a_fork_leaves_the_files_of_its_parent(tmp_path):
    child = "pid = os.fork()\n    if not pid: signal.raise_signal(15)\n"
    then = f"{child}    os.waitpid(pid, 0); os._exit(7)"
    code, _, left = ends(tmp_path, then)
    assert (code, left) == (7, {"a", "b", "whole"})


def test_what_is_ignored_stays_ignored(tmp_path):
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
    code, _, left = ends(tmp_path, "signal.raise_signal(1); os._exit(7)", **ignoring)
    assert (code, left) == (7, {"a", "b", "whole"})


def test_cleaned_however_it_ends():
    done = []
    with cleaned(lambda: done.append("normally")):
        assert not done
    with pytest.raises(ValueError, match="wrong"), cleaned(lambda: done.append("by an error")):
        raise ValueError("wrong")
    assert done == ["normally", "by an error"]
    assert not [clean for owner, clean in interruption._TO_CLEAN if owner != os.getpid()]


def test_a_signal_that_comes_by_two_ways_is_one(monkeypatch):
    with Interruption() as asked:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert asked.number == signal.SIGTERM
        monkeypatch.setattr(interruption, "SAME", -1)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
