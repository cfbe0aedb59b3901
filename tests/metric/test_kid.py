from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch_fidelity.metric_kid import kid_features_to_metric

from sngan.metric.kid import KernelInceptionDistance, squared_discrepancy


def features(count, seed, offset=0.0):
    return torch.randn(count, 16, generator=torch.Generator().manual_seed(seed)) + offset


def test_equals_torch_fidelity_subset_for_subset():
    generated, real = features(300, 1).double(), features(400, 2, offset=0.3).double()
    theirs = kid_features_to_metric(generated, real, kid_subset_size=100)
    ours = KernelInceptionDistance(subset_size=100)(SimpleNamespace(features=real), generated)
    assert ours["kid_mean"] == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-10)
    assert ours["kid_std"] == pytest.approx(theirs["kernel_inception_distance_std"], rel=1e-8)


def test_single_precision_is_enough():
    generated, real = features(300, 1), features(400, 2, offset=0.3)
    kid = KernelInceptionDistance(subset_size=100)
    single = kid(SimpleNamespace(features=real), generated)
    double = kid(SimpleNamespace(features=real.double()), generated.double())
    assert single["kid_mean"] == pytest.approx(double["kid_mean"], rel=1e-6)


def test_unbiased_estimate_by_hand():
    """Two points a side: the kernel (xy / 2 + 1)^3 of (1, 1) and (1, 0) is 3.375."""
    x, y = np.array([[1.0, 1.0], [1.0, 0.0]]), np.zeros((2, 2))
    assert squared_discrepancy(x, y) == pytest.approx(1.5**3 + 1 - 2)


def test_zero_on_average_for_equal_distributions():
    kid = KernelInceptionDistance(subsets=50, subset_size=100)
    values = kid(SimpleNamespace(features=features(2000, 1)), features(2000, 2))
    assert abs(values["kid_mean"]) < 0.1 * values["kid_std"] + 0.02
    far = kid(SimpleNamespace(features=features(2000, 1)), features(2000, 2, offset=1.0))
    assert far["kid_mean"] > 20 * abs(values["kid_mean"])


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"subsets": 0}, "^subsets must be an integer between 1 and 100000000, got 0"),
        ({"subset_size": 1}, "^subset_size must be between 2 and num_real"),
        ({"num_real": 10}, "^subset_size must be between 2 and num_real 10, got 1000"),
    ],
)
def test_bad_settings(settings, text):
    with pytest.raises(ValueError, match=text):
        KernelInceptionDistance(**settings)
