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


STAYS = """
import resource, torch
from sngan.system.allocator import ALLOCATOR
def grown():
    with open("/proc/self/statm") as file:
        before = int(file.read().split()[1])
    torch.ones(2**25)  # 128 MiB
    with open("/proc/self/statm") as file:
        return (int(file.read().split()[1]) - before) * resource.getpagesize()
ALLOCATOR.keeps_freed = True
with ALLOCATOR.returning_freed():
    print(grown())
print(grown())
"""


@pytest.mark.skipif(Allocator()._mallopt is None, reason="the C library is not glibc")
def test_freed_memory_goes_back_for_a_while_and_is_kept_afterwards():
    command = [sys.executable, "-c", STAYS]
    process = subprocess.run(command, capture_output=True, check=True, text=True)
    within, afterwards = map(int, process.stdout.split())
    assert within < 2**23
    assert afterwards > 2**26


def test_elsewhere_nothing_is_chosen(monkeypatch):
    monkeypatch.setattr("sngan.system.allocator.ctypes.CDLL", lambda name: object())
    allocator = Allocator()
    allocator.keeps_freed = True
    assert not allocator.keeps_freed
