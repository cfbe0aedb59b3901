import mpmath
import pytest
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity.metric_fid import fid_statistics_to_metric

from sngan.metric.fid import frechet_distance


def gaussian(count, size, seed):
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(size, size, generator=generator, dtype=torch.float64)
    features = torch.randn(count, size, generator=generator, dtype=torch.float64) @ mixing
    return features.mean(dim=0), torch.cov(features.T)


def test_unit_gaussians_one_apart():
    """The exact value of pytorch-fid's own test."""
    mean, covariance = torch.zeros(2048), torch.eye(2048)
    assert frechet_distance(mean, covariance, mean + 1, covariance) == pytest.approx(2048, abs=1e-8)


def test_degenerate_gaussians_in_the_plane():
    """Perfectly correlated axes, of which one set is ten times the other."""
    x = torch.ones(100, 2, dtype=torch.float64)
    x[:50] = 0
    y = x * 10
    moments = [(z.mean(dim=0), torch.cov(z.T)) for z in (x, y)]
    # Means 0.5 and 5 in each axis; standard deviations s and 10 s, s^2 = 25 / 99.
    variance = 25 / 99
    expected = 2 * 4.5**2 + 2 * variance * (1 + 100 - 2 * 10)
    assert frechet_distance(*moments[0], *moments[1]) == pytest.approx(expected, rel=1e-12)


def test_commuting_covariances_have_a_closed_form():
    a, b = torch.tensor([1.0, 4.0, 9.0]), torch.tensor([16.0, 1.0, 0.0])
    zero = torch.zeros(3)
    expected = (a.sqrt() - b.sqrt()).square().sum().item()
    assert frechet_distance(zero, a.diag(), zero, b.diag()) == pytest.approx(expected, rel=1e-12)


@pytest.mark.filterwarnings("ignore:The `disp` argument is deprecated:DeprecationWarning")
def test_equals_pytorch_fid_on_full_rank_data():
    first, second = gaussian(500, 40, seed=1), gaussian(700, 40, seed=2)
    theirs = calculate_frechet_distance(*(x.numpy() for x in (*first, *second)))
    assert frechet_distance(*first, *second) == pytest.approx(theirs, rel=1e-9)


def test_singular_covariances():
    """Fewer pictures than features: the truth is the nuclear norm of the features' product."""
    generator = torch.Generator().manual_seed(3)
    x, y = (torch.randn(20, 64, generator=generator, dtype=torch.float64) for _ in range(2))
    moments = [(z.mean(dim=0), torch.cov(z.T)) for z in (x, y)]
    centred = [(z - z.mean(dim=0)) / 19**0.5 for z in (x, y)]
    nuclear = torch.linalg.svdvals(centred[0] @ centred[1].T).sum()
    difference = (x.mean(dim=0) - y.mean(dim=0)).square().sum()
    expected = difference + moments[0][1].trace() + moments[1][1].trace() - 2 * nuclear
    actual = frechet_distance(*moments[0], *moments[1])
    assert actual == pytest.approx(expected.item(), abs=1e-6)


def test_a_set_against_itself():
    moments = gaussian(20, 64, seed=4)
    assert 0 <= frechet_distance(*moments, *moments) < 1e-9


def test_constant_features_change_nothing():
    """A collapsed generator leaves most features constant; MKL's eigh gives up on this case."""
    generator = torch.Generator().manual_seed(3)
    live = torch.randperm(1280, generator=generator)[:151]
    uniform = torch.rand(30, 151, generator=generator, dtype=torch.float64)
    features = torch.zeros(30, 1280, dtype=torch.float64)
    features[:, live] = uniform * torch.rand(151, generator=generator, dtype=torch.float64)
    other = torch.zeros_like(features)
    other[:, live] = torch.rand(30, 151, generator=generator, dtype=torch.float64)
    distances = [
        frechet_distance(*(f(z) for z in pair for f in (lambda z: z.mean(dim=0), covariance_of)))
        for pair in ((features, other), (features[:, live], other[:, live]))
    ]
    assert distances[0] == pytest.approx(distances[1], rel=1e-9)


def covariance_of(features):
    return torch.cov(features.T)


def test_equals_torch_fidelity_on_full_rank_data():
    first, second = gaussian(500, 40, seed=1), gaussian(700, 40, seed=2)
    statistics = [{"mu": mean.numpy(), "sigma": cov.numpy()} for mean, cov in (first, second)]
    theirs = fid_statistics_to_metric(*statistics, False)["frechet_inception_distance"]
    assert frechet_distance(*first, *second) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(("count", "size"), [(4, 256), (16, 128), (8, 64), (64, 32)])
def test_equals_forty_digit_arithmetic(count, size):
    """Where covariances are singular, programs that root their product lose half the digits.

    The truth: with centred features X and Y, the trace of the root is the nuclear norm of X Y',
    which has only as many singular values as there are pictures.
    """
    random = torch.Generator().manual_seed(count)
    x, y = (torch.rand(count, size, generator=random, dtype=torch.float64) for _ in range(2))
    moments = [(z.mean(dim=0), torch.cov(z.T)) for z in (x, y)]
    with mpmath.workdps(40):
        columns = []
        for z in (x, y):
            matrix = mpmath.matrix(z.tolist())
            means = [sum(matrix[:, j]) / count for j in range(size)]
            for i in range(count):
                for j in range(size):
                    matrix[i, j] = (matrix[i, j] - means[j]) / mpmath.sqrt(count - 1)
            columns.append((means, matrix))
        (mean_x, a), (mean_y, b) = columns
        product = a * b.T
        nuclear = sum(mpmath.sqrt(abs(v)) for v in mpmath.eigsy(product * product.T)[0])
        traces = sum(v**2 for v in a) + sum(v**2 for v in b)
        offset = sum((p - q) ** 2 for p, q in zip(mean_x, mean_y, strict=True))
        expected = float(offset + traces - 2 * nuclear)
    assert frechet_distance(*moments[0], *moments[1]) == pytest.approx(expected, abs=1e-11)


def test_both_ways_to_take_a_root_agree(monkeypatch):
    """Cholesky where there is a factor, eigenvectors otherwise."""
    first, second = gaussian(500, 40, seed=1), gaussian(700, 40, seed=2)
    quick = frechet_distance(*first, *second)
    monkeypatch.setattr("torch.linalg.cholesky_ex", lambda x: (x, True))
    assert frechet_distance(*first, *second) == pytest.approx(quick, rel=1e-12)


def test_a_factor_that_exists_by_luck_does_no_harm():
    """As many pictures as features: the last pivot is rounding, and above zero half of the time."""
    lucky = 0
    for seed in range(12):
        random = torch.Generator().manual_seed(seed)
        x, y = (torch.rand(32, 32, generator=random, dtype=torch.float64) for _ in range(2))
        moments = [f(z) for z in (x, y) for f in (lambda z: z.mean(dim=0), covariance_of)]
        lucky += not any(torch.linalg.cholesky_ex(moments[i])[1] for i in (1, 3))
        a, b = ((z - z.mean(dim=0)) / 31**0.5 for z in (x, y))
        offset = (moments[0] - moments[2]).square().sum()
        nuclear = torch.linalg.svdvals(a @ b.T).sum()
        expected = offset + moments[1].trace() + moments[3].trace() - 2 * nuclear
        assert frechet_distance(*moments) == pytest.approx(expected.item(), abs=1e-11)
    assert lucky


def test_value_of_compare_gan():
    """That of its ``fid_score_test.py``; 80 between the means, 100 / 11 between the spreads."""
    x, y = torch.ones(100, 2, dtype=torch.float64), 9 * torch.ones(100, 2, dtype=torch.float64)
    x[:50, 0] = y[50:, 0] = 2
    moments = [f(z) for z in (x, y) for f in (lambda z: z.mean(dim=0), covariance_of)]
    assert frechet_distance(*moments) == pytest.approx(80 + 100 / 11, rel=1e-12)
