from types import SimpleNamespace

import pytest
import torch

from sngan.metric.fid import frechet_distance
from sngan.metric.fid_infinity import FidInfinity


def test_removes_the_bias_of_the_generated_side():
    """Gaussians a known distance apart; few samples overestimate it, the intercept does not."""
    size = 20
    real = SimpleNamespace(
        mean=torch.zeros(size, dtype=torch.float64),
        covariance=torch.eye(size, dtype=torch.float64),
    )
    torch.manual_seed(1)
    generated = torch.randn(4000, size) + 0.1
    truth = size * 0.01
    values = FidInfinity(points=15, smallest=200)(real, generated)
    few = generated[:200].double()
    biased = frechet_distance(few.mean(dim=0), torch.cov(few.T), real.mean, real.covariance)
    assert biased > 2 * truth
    assert values["fid_infinity"] == pytest.approx(truth, rel=0.25)
    assert values["fid_infinity_slope"] > 0


def test_is_the_line_through_the_distances(monkeypatch):
    """Distances that lie on 7 + 300 / n are extrapolated to 7."""
    sizes = []

    def distance(mean, covariance, *real):
        sizes.append(round(1 / covariance.item()))
        return 7 + 300 * covariance.item()

    monkeypatch.setattr("sngan.metric.fid_infinity.frechet_distance", distance)
    monkeypatch.setattr("torch.cov", lambda x: torch.tensor([[1 / x.shape[0]]]))
    monkeypatch.setattr("torch.Tensor.T", property(lambda x: x))
    values = FidInfinity(points=5, smallest=100)(
        SimpleNamespace(mean=None, covariance=None), torch.zeros(500, 1)
    )
    assert sizes == [100, 200, 300, 400, 500]
    assert values["fid_infinity"] == pytest.approx(7, rel=1e-6)
    assert values["fid_infinity_slope"] == pytest.approx(300, rel=1e-6)


@pytest.mark.parametrize("settings", [{"points": 1}, {"smallest": 1}, {"points": 0}])
def test_bad_settings(settings):
    with pytest.raises(ValueError, match=r"^(points|smallest) must be an integer between 2 and"):
        FidInfinity(**settings)
