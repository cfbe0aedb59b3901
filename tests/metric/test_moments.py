import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from sngan.metric.parts.moments import Moments
from sngan.system.workers import Workers


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


def test_two_processes_add_up():
    """Each has its own shift; what they hold is added up around the common mean."""
    features = torch.rand(101, 5, dtype=torch.float64) + 1e4
    parts = [Moments(), Moments()]
    for part, rows in zip(parts, (features[::2], features[1::2]), strict=True):
        for batch in rows.split(8):
            part.update(batch)
    mean, covariance = _together(parts)
    torch.testing.assert_close(mean, features.mean(dim=0), rtol=1e-14, atol=0)
    torch.testing.assert_close(covariance, torch.cov(features.T), rtol=1e-9, atol=1e-12)


def _together(parts):
    """Play the processes one against the other: each sum waits for the other's summand."""
    barrier, slots = threading.Barrier(len(parts)), [None] * len(parts)

    class Played(Workers):
        def sum(self, tensor):
            slots[self.rank] = tensor
            barrier.wait()
            total = sum(slots)
            barrier.wait()
            return total

    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(part.result, Played(i, len(parts))) for i, part in enumerate(parts)]
        results = [job.result(timeout=60) for job in jobs]
    for one, other in zip(*results, strict=True):
        assert torch.equal(one, other)
    return results[0]


def test_one_picture_has_no_covariance():
    moments = Moments()
    moments.update(torch.zeros(1, 2))
    with pytest.raises(ValueError, match="at least 2 pictures, got 1"):
        moments.result()
