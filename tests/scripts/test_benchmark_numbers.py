"""Arithmetic of the benchmark, by hand."""

import pytest
import torch
from torch.nn import functional

from scripts.benchmark.ceilings import Ceilings
from scripts.benchmark.operations import Demand, demand_of
from scripts.benchmark.race import Timing
from scripts.benchmark.roofline import bounds
from scripts.benchmark.summary import rows


def test_row_of_numbers():
    plain = Timing("plain", iterations=3, seconds=[0.4, 0.2, 0.9])
    ours = Timing("ours", iterations=3, seconds=[0.1, 0.2, 0.3], peak_memory=7)
    row = rows([plain, ours], [10, 10], ["plain"])[1]
    assert row["seconds"] == {"median": 0.2, "least": 0.1, "most": 0.3}
    assert row["updates_per_second"] == pytest.approx(5)
    assert row["pictures_per_second"] == pytest.approx(50)
    assert row["peak_memory"] == 7
    # Quotients within rounds are 4, 1, 3; that of the medians would be 2.
    assert row["speed_over"]["plain"] == pytest.approx({"median": 3, "least": 1, "most": 4})
    assert row["time_over"]["plain"]["median"] == pytest.approx(1 / 3)


def test_rows_without_those_that_failed():
    failed = Timing("plain", iterations=1, seconds=[0.4], error="ran out")
    ours = Timing("ours", iterations=3, seconds=[0.1, 0.2])
    found = rows([failed, ours], [10, 10], ["plain"])
    assert found[0] == {"name": "plain", "error": "ran out"}
    assert found[1]["speed_over"] == {}


def test_demand_of_a_matrix_product():
    a, b = torch.rand(2, 3), torch.rand(3, 4)
    demand = demand_of(lambda: (a @ b).view(-1).t())
    assert demand == Demand(2 * 3 * 4, traffic=4 * (2 * 3 + 3 * 4 + 2 * 4), operations=1)


def test_demand_includes_the_backward_pass():
    layer = torch.nn.Conv2d(3, 5, 3, bias=False)
    images = torch.rand(2, 3, 6, 6, requires_grad=True)
    once = 2 * 5 * 4 * 4 * 3 * 9
    assert demand_of(lambda: layer(images)).multiplications == once
    both = demand_of(lambda: functional.relu(layer(images)).sum().backward())
    assert both.multiplications == 3 * once


def test_bounds():
    ceilings = Ceilings({"float32": 100.0, "bfloat16": 400.0}, traffic=10.0, operations=5.0)
    demand = Demand(multiplications=200, traffic=5, operations=1)
    assert bounds(demand, ceilings, "bfloat16") == {
        "arithmetic": 0.5,
        "traffic": 0.5,
        "launches": 0.2,
    }
    assert bounds(demand, ceilings, "float32")["arithmetic"] == 2
