import re
from dataclasses import replace

import pytest

from sngan.scoring.scores import Found, Scores
from sngan.scoring.seeds import spreads_by_kind
from sngan.scoring.sheet import ScoreSheet
from sngan.scoring.table import table


@pytest.fixture
def sheet_of(extractor, protocol):
    def build(name, distance, **changes):
        found = {
            "inception_score": Found(values={"score_mean": 7.4217, "score_std": 0.0815}),
            "fid": Found(values={"distance": distance}),
            "kid": Found(
                values={"kid_mean": 0.012345678, "kid_std": 0.001}, settings="100 subsets of 1,000"
            ),
        }
        settings = {"protocol": protocol(), "found": found, "num_real": 40, "real": "cifar10 test"}
        scores = [Scores(**(settings | changes))]
        return ScoreSheet(name=name, extractor=extractor, scores=scores, seed=3)

    return build


def lines_of(sheets, *spreads, width):
    own = [replace(sheet, versions={"sngan": "0.1.0", "torch": "2.0"}) for sheet in sheets]
    text = table(own, *spreads, width=width)
    assert max(map(len, text.splitlines())) <= width
    return text.splitlines()


def test_several_are_one_table_with_what_decides_them_once(sheet_of):
    lines = lines_of([sheet_of("a.pt, step 7", 29.3001), sheet_of("b.pt", 8.0)], width=120)
    assert lines == [
        "                pixels score  pixels distance  kid_mean  kid_std",
        "a.pt, step 7  7.422 +- 0.082           29.300  0.012346    0.001",
        "b.pt          7.422 +- 0.082            8.000  0.012346    0.001",
        "  protocol test | pixels score: 60 samples (round) in 3 splits | pixels distance, kid "
        "(100 subsets of 1,000): 50 samples",
        "  (round), 40 real of cifar10 test | pixels sha256 00000000 preset tf1 float32 | "
        "seed 3 | sngan 0.1.0 torch 2.0",
    ]


def test_headings_that_are_too_wide_have_two_lines(sheet_of):
    lines = lines_of([sheet_of("a.pt, step 7", 29.3001)], width=60)
    assert lines[:3] == [
        "                      pixels    pixels",
        "                       score  distance  kid_mean  kid_std",
        "a.pt, step 7  7.422 +- 0.082    29.300  0.012346    0.001",
    ]


def test_what_does_not_fit_goes_on_below(sheet_of):
    path = "runs/" + "a" * 24 + "/step_7.pt, step 7"
    lines = lines_of([sheet_of(path, 29.3001)], width=40)
    assert lines[:8] == [
        "            pixels    pixels",
        "             score  distance  kid_mean",
        "runs/" + "a" * 24 + "/step_7.pt,",
        "  step 7",
        "    7.422 +- 0.082    29.300  0.012346",
        "    kid_std",
        "runs/" + "a" * 24 + "/step_7.pt,",
        "  step 7",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"num_real": 39},
        {"real": "cifar10 train"},
        {"mismatches": ["foreign statistics"]},
    ],
)
def test_what_is_decided_otherwise_has_a_table_of_its_own(sheet_of, changes):
    lines = lines_of([sheet_of("a", 1.0), sheet_of("b", 2.0, **changes)], width=120)
    assert sum("protocol test" in line for line in lines) == 2
    assert lines.count("") == 1


def test_trainings_have_their_spread_behind_them(sheet_of):
    sheets = [sheet_of(name, value) for name, value in (("a0", 20.0), ("b", 5.0), ("a1", 22.0))]
    spreads = spreads_by_kind([("a", 0, sheets[0]), ("b", 0, sheets[1]), ("a", 1, sheets[2])])
    lines = lines_of(sheets, spreads, width=120)
    labels = [re.split(" {4,}", line)[0] for line in lines[1:6]]
    assert labels == [
        "a0", "a1", "  over 2 trainings (sample std)", "  95% interval of the mean", "b",
    ]  # fmt: skip
    assert "21 +- 1.4142" in lines[3]
    assert "8.2938 to 33.706" in lines[4]


def test_notes_are_said_once_and_name_what_they_are_about(sheet_of):
    both = [sheet_of("a", 1.0, warnings=["few", "odd"]), sheet_of("b", 2.0, warnings=["few"])]
    assert lines_of(both, width=120)[-2:] == ["  note: few", "  note: a: odd"]


def test_two_metrics_with_a_value_of_one_name_lose_none(sheet_of):
    found = {name: Found(values={"mean": value}) for name, value in (("one", 1.0), ("two", 2.0))}
    lines = lines_of([sheet_of("a", 0.0, found=found)], width=120)
    assert lines[:2] == ["   one.mean  two.mean", "a         1         2"]
