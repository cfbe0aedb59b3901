from dataclasses import replace
from statistics import mean, stdev

import pytest
from scipy import stats

from sngan.scoring.scores import Found, Scores
from sngan.scoring.seeds import Spread, spreads_by_kind
from sngan.scoring.sheet import ScoreSheet


@pytest.fixture
def sheet_of(extractor, protocol):
    def build(distance, score=None):
        found = {
            "fid": Found(values={"distance": distance}),
            "kid": Found(values={"kid_mean": distance / 10}),
        }
        if score is not None:
            found["inception_score"] = Found(values={"score_mean": score, "score_std": 0.1})
        scores = Scores(protocol=protocol(), found=found, num_real=40, real="x")
        return ScoreSheet(name="", extractor=extractor, scores=[scores])

    return build


def test_mean_deviation_and_interval_over_trainings(sheet_of):
    values = [20.0, 22.0, 27.0]
    trained = [("a", seed, sheet_of(value)) for seed, value in enumerate(values)]
    found = spreads_by_kind([*trained, ("b", 0, sheet_of(5.0))])
    distance, kid = found  # No score: the extractor had no logits. One training of b: no spread.
    assert distance.name == "pixels distance"
    assert distance.values == tuple(values)
    assert distance.mean == pytest.approx(mean(values))
    assert distance.std == pytest.approx(stdev(values))  # n - 1.
    expected = stats.t.interval(0.95, 2, mean(values), stdev(values) / 3**0.5)
    assert distance.interval() == pytest.approx(expected)
    assert kid.values == pytest.approx([2.0, 2.2, 2.7])
    assert distance.interval_name == "95% interval of the mean"
    assert distance.to_json()["interval_95%"] == distance.interval()


def test_the_same_seed_twice_is_no_spread(sheet_of):
    assert spreads_by_kind([("a", 0, sheet_of(1.0)), ("a", 0, sheet_of(2.0))]) == []


def test_other_real_pictures_are_no_spread(sheet_of):
    one, other = sheet_of(1.0), sheet_of(2.0)
    elsewhere = replace(other, scores=[replace(other.scores[0], statistics="other.npz")])
    assert spreads_by_kind([("a", 0, one), ("a", 1, elsewhere)]) == []
    assert spreads_by_kind([("a", 0, one), ("a", 1, other)])


def test_other_weights_are_no_spread(sheet_of):
    raw, average = (replace(sheet_of(1.0), weights=weights) for weights in ("raw", "average"))
    assert spreads_by_kind([("a", 0, raw), ("a", 1, average)]) == []
    found = spreads_by_kind([("a", seed, sheet) for seed in (0, 1) for sheet in (raw, average)])
    assert [spread.weights for spread in found] == ["raw", "raw", "average", "average"]


def test_scores_are_averaged_where_there_are_any(sheet_of):
    found = spreads_by_kind([("a", 0, sheet_of(1.0, 7.0)), ("a", 1, sheet_of(2.0, 8.0))])
    assert [spread.name for spread in found] == ["pixels score", "pixels distance", "kid_mean"]
    assert found[0] == Spread("pixels score", "test", (7.0, 8.0))
