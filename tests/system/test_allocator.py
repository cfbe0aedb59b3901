import resource
import subprocess
import sys

import pytest

from sngan.system.allocator import Allocator

FAULTS = """
import resource, sys, torch
from sngan.system.allocator import ALLOCATOR
ALLOCATOR.keeps_freed = sys.argv[1] == "True"
for count in range(20):
    if count == 12:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(2**24).add_(1)  # 64 MiB
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(Allocator()._mallopt is None, reason="the C library is not glibc")
def test_freed_memory_is_entered_once():
    """A tensor of 64 MiB has 16,384 pages. The heap grows a few times before it serves them all."""
    faults = {}
    for keeps in (False, True):
        command = [sys.executable, "-c", FAULTS, str(keeps)]
        faults[keeps] = int(subprocess.run(command, capture_output=True, check=True).stdout)
    assert faults[False] > 10 * (faults[True] + 1)
    assert resource.getpagesize() * faults[True] < 2**24


def test_elsewhere_nothing_is_chosen(monkeypatch):
    monkeypatch.setattr("sngan.system.allocator.ctypes.CDLL", lambda name: object())
    allocator = Allocator()
    allocator.keeps_freed = True
    assert not allocator.keeps_freed
