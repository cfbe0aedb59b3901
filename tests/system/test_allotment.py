import resource

import pytest
import torch
from torch import nn

from sngan.system.allotment import Allotment


def test_what_fits_is_as_without():
    torch.manual_seed(0)
    plain = nn.Linear(10, 10)
    torch.manual_seed(0)
    with Allotment(440, "too large"):
        limited = nn.Linear(10, 10)
    assert torch.equal(plain.weight, limited.weight)


def test_what_is_too_large_takes_no_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match="too large"), Allotment(2**20, "too large"):
        nn.Linear(2**14, 2**15)  # 2 GiB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**17  # KiB.


@pytest.mark.parametrize("make", [torch.zeros, torch.ones, torch.rand, torch.randn, torch.empty])
def test_what_is_made_counts_together(make):
    with Allotment(800, "too large"):
        make(100)
        make(size=(50, 2))
        with pytest.raises(ValueError, match="too large"):
            make(1)
    make(1)
