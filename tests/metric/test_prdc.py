from types import SimpleNamespace

import pytest
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

from sngan.metric import prdc
from sngan.metric.prdc import PrecisionRecallDensityCoverage


def by_the_definition(real, generated, k):
    """Naeem et al., Equations 1 to 4, with loops."""

    def radius(points, i):
        return sorted((points[i] - point).norm().item() for point in points)[k]

    radii = [radius(real, i) for i in range(len(real))]
    radii_fake = [radius(generated, i) for i in range(len(generated))]
    inside = [[(x - y).norm().item() <= r for x, r in zip(real, radii)] for y in generated]  # noqa: B905
    recalled = [
        any((x - y).norm().item() <= r for y, r in zip(generated, radii_fake))  # noqa: B905
        for x in real
    ]
    return {
        "precision": sum(map(any, inside)) / len(generated),
        "recall": sum(recalled) / len(real),
        "density": sum(map(sum, inside)) / (k * len(generated)),
        "coverage": sum(any(column) for column in zip(*inside)) / len(real),  # noqa: B905
    }


@pytest.fixture
def clouds():
    torch.manual_seed(3)
    return torch.randn(60, 4), 0.8 * torch.randn(50, 4) + 0.5


def test_equals_the_definitions(clouds, monkeypatch):
    real, generated = clouds
    monkeypatch.setattr(prdc, "ROWS", 7)  # Several chunks.
    values = PrecisionRecallDensityCoverage(nearest_k=3)(SimpleNamespace(features=real), generated)
    assert values == pytest.approx(by_the_definition(real, generated, 3), rel=1e-6)
    assert 0 < values["recall"] < 1


def test_precision_and_recall_equal_torch_fidelity(clouds):
    real, generated = clouds
    theirs = prc_features_to_metric(generated, real, prc_neighborhood=5)
    values = PrecisionRecallDensityCoverage()(SimpleNamespace(features=real), generated)
    assert values["precision"] == pytest.approx(theirs["precision"], rel=1e-6)
    assert values["recall"] == pytest.approx(theirs["recall"], rel=1e-6)


def test_only_the_first_pictures_enter(clouds):
    real, generated = clouds
    limited = PrecisionRecallDensityCoverage(num_pictures=20)
    values = limited(SimpleNamespace(features=real), generated)
    assert values == limited(SimpleNamespace(features=real[:20]), generated[:20])


def test_far_away_is_zero(clouds):
    real, generated = clouds
    values = PrecisionRecallDensityCoverage()(SimpleNamespace(features=real), generated + 1000)
    assert set(values.values()) == {0.0}


def test_bad_settings():
    with pytest.raises(ValueError, match=r"^nearest_k must be an integer between 1 and"):
        PrecisionRecallDensityCoverage(nearest_k=0)
    with pytest.raises(ValueError, match="num_pictures must be > nearest_k 5, got 5"):
        PrecisionRecallDensityCoverage(num_pictures=5)
