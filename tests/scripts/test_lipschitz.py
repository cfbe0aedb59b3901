"""The table about Lipschitz bounds: whose numbers stand in it, and what cannot be."""

import json
import math
from pathlib import Path

import pytest
import torch

from scripts.lipschitz import HEADS, Found, _trainings, draw, table
from sngan.analysis.layers import Analysis
from sngan.architecture.cnn import CnnDiscriminator
from sngan.regularizer.spectral_norm import SpectralNorm


def found(name, *values):
    return Found(name, dict(zip(HEADS[1:], values, strict=True)), {"dense": (1.0, 1.5)})


def test_seeds_become_a_range_and_no_bound_is_none():
    lines = table(
        [
            found("a C", 1, 2, 3, 4, 0.5, 0.1),
            found("a C", 1, 2, 3, 8, 0.5, 0.1),
            found("b D", 1, 2, math.inf, math.inf, 0.5, 0.1),
        ]
    ).splitlines()
    assert lines[2:] == [
        "| `a C` | 2 | 1 | 2 | 3 | 4 to 8 | 0.5 | 0.1 |",
        "| `b D` | 1 | 1 | 2 | none | none | 0.5 | 0.1 |",
    ]


def test_only_what_is_finished_counts(tmp_path):
    about = {"method": "vanilla", "setting": "C", "is_real": False, "is_timing": False}
    cells = {"done": about, "begun": about, "real": {**about, "is_real": True}}
    (tmp_path / "plan.json").write_text(json.dumps({"cells": cells}))
    for name, ended in (("done", "finished"), ("begun", None), ("real", "finished")):
        place = tmp_path / "cells" / name
        place.mkdir(parents=True)
        (place / "cell.json").write_text(json.dumps({"ended": ended}))
    run = tmp_path / "alone"
    named = list(_trainings([tmp_path, run]))
    assert named == [("vanilla C", tmp_path / "cells" / "done"), ("alone", run)]


def test_of_a_network_and_bounds_that_contradict_each_other(tmp_path):
    discriminator = CnnDiscriminator(8, SpectralNorm().wrap_layer, width=0.1)
    pictures = torch.rand(4, 3, 8, 8) * 2 - 1, None, torch.rand(2, 3, 8, 8)
    analysis = Analysis.of(Path("x.pt"), 1, discriminator, pictures)
    one = Found.of("x", analysis)
    assert one.numbers["largest operator norm"] == max(analysis.operator_norms.values())
    assert 0 < one.numbers["at least, found"] <= one.numbers["at most"]
    draw([one], tmp_path / "x.png")
    assert (tmp_path / "x.png").exists()
    analysis.lower_bounds["fakes"] = 2 * one.numbers["at most"]
    with pytest.raises(ValueError, match="is above at most"):
        Found.of("x", analysis)
