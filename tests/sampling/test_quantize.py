import pytest
import torch

from sngan.sampling.quantize import quantize


def test_every_level_survives_the_round_trip():
    levels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(quantize(levels / 127.5 - 1, "round"), levels)


@pytest.mark.parametrize(("rule", "level"), [("round", 8), ("truncate", 7)])
def test_rules_differ_between_levels(rule, level):
    assert quantize(torch.tensor([7.8 / 127.5 - 1]), rule).item() == level


@pytest.mark.parametrize("rule", ["round", "truncate"])
def test_out_of_range_is_clamped_and_does_not_wrap(rule):
    assert quantize(torch.tensor([-3.0, -1.0, 1.0, 3.0]), rule).tolist() == [0, 0, 255, 255]
