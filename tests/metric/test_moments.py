import pytest
import torch

from sngan.metric.moments import Moments


def moments_of(features, batch_size):
    moments = Moments()
    for batch in features.split(batch_size):
        moments.update(batch)
    return moments.result()


@pytest.mark.parametrize("batch_size", [1, 7, 100])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_equals_the_two_pass_formula(batch_size, offset):
    features = torch.rand(100, 5, dtype=torch.float64) + offset
    mean, covariance = moments_of(features, batch_size)
    torch.testing.assert_close(mean, features.mean(dim=0), rtol=1e-14, atol=0)
    torch.testing.assert_close(covariance, torch.cov(features.T), rtol=1e-9, atol=1e-11)


def test_float32_features_are_summed_in_float64():
    features = torch.rand(4096, 3) + 100
    mean, covariance = moments_of(features, 64)
    assert mean.dtype == covariance.dtype == torch.float64
    torch.testing.assert_close(covariance, torch.cov(features.double().T), rtol=1e-10, atol=0)


def test_non_finite_features_are_named():
    moments = Moments()
    moments.update(torch.zeros(10, 2))
    bad = torch.zeros(4, 2)
    bad[2, 1] = torch.nan
    with pytest.raises(ValueError, match="picture 12 are not finite"):
        moments.update(bad)


def test_one_picture_has_no_covariance():
    moments = Moments()
    moments.update(torch.zeros(1, 2))
    with pytest.raises(ValueError, match="at least 2 pictures, got 1"):
        moments.result()
