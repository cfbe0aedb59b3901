"""Algorithm 1 as it is printed, and the batched form that trains: one and the same."""

import pytest
import torch

from sngan.regularizer.parts.power_iteration import (
    batched_power_iteration,
    divided_by_sigma,
    power_iteration,
    sigmas,
)

SHAPES = [(64, 27), (5, 9), (9, 5), (1, 7), (7, 1), (1, 1), (12, 12)]
"""A first convolution, wide and tall ones, a last layer, and what is no matrix to speak of."""


def matrices_and_starts(dtype):
    matrices = [torch.randn(shape, dtype=dtype).requires_grad_() for shape in SHAPES]
    return matrices, [torch.randn(len(matrix), dtype=dtype) for matrix in matrices]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("rounds", [1, 2, 7])
def test_the_batched_form_is_the_printed_one(rounds, dtype):
    matrices, starts = matrices_and_starts(dtype)
    pairs = batched_power_iteration(matrices, starts, rounds)
    for index, (matrix, start) in enumerate(zip(matrices, starts, strict=True)):
        u, v, sigma = power_iteration(matrix, start, rounds)
        torch.testing.assert_close(pairs.u[index, : len(u)], u)
        torch.testing.assert_close(pairs.v[index, : len(v)], v)
        torch.testing.assert_close(pairs.sigma[index], sigma.detach())
        assert pairs.u[index, len(u) :].count_nonzero() == 0
        assert pairs.v[index, len(v) :].count_nonzero() == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_gradients_of_the_batched_form_are_those_of_the_printed_one(dtype):
    """Of sigma alone, and of ``W / sigma``, whose gradient is written out by hand."""
    matrices, starts = matrices_and_starts(dtype)
    pairs = batched_power_iteration(matrices, starts, 1)
    upstream = [torch.randn_like(matrix) for matrix in matrices]

    def gradients(values):
        return torch.autograd.grad(list(values), matrices)

    printed = [power_iteration(*pair)[2] for pair in zip(matrices, starts, strict=True)]
    torch.testing.assert_close(gradients(sigmas(matrices, pairs).unbind()), gradients(printed))

    printed = [power_iteration(*pair)[2] for pair in zip(matrices, starts, strict=True)]
    expected = [matrix / sigma for matrix, sigma in zip(matrices, printed, strict=True)]
    found = divided_by_sigma(matrices, pairs)
    torch.testing.assert_close(found, expected)
    found, expected = (
        [(quotient * factor).sum() for quotient, factor in zip(quotients, upstream, strict=True)]
        for quotients in (found, expected)
    )
    torch.testing.assert_close(gradients(found), gradients(expected))


@pytest.mark.parametrize("shape", SHAPES)
def test_many_rounds_find_the_first_singular_triple(shape):
    matrix = torch.randn(shape, dtype=torch.float64)
    u, v, sigma = power_iteration(matrix, torch.randn(shape[0], dtype=torch.float64), 2000)
    left, values, right = torch.linalg.svd(matrix)
    torch.testing.assert_close(sigma, values[0])
    torch.testing.assert_close(torch.outer(u, v), torch.outer(left[:, 0], right[0]))


def test_only_sigma_has_a_gradient_and_it_is_that_of_the_largest_singular_value():
    """Eq. 9: ``u v^T``. It can be differentiated again, as a gradient penalty does."""
    matrix = torch.randn(5, 8, dtype=torch.float64, requires_grad=True)
    u, v, sigma = power_iteration(matrix, torch.randn(5, dtype=torch.float64), 2000)
    assert (u.requires_grad, v.requires_grad) == (False, False)
    (found,) = torch.autograd.grad(sigma, matrix, create_graph=True)
    (expected,) = torch.autograd.grad(torch.linalg.svdvals(matrix)[0], matrix)
    torch.testing.assert_close(found.detach(), expected)

    (quotient,) = torch.autograd.grad((matrix / sigma).square().sum(), matrix, create_graph=True)
    quotient.square().sum().backward()
    assert matrix.grad.isfinite().all()


def test_a_start_is_not_overwritten():
    matrix, start = torch.randn(4, 6), torch.randn(4)
    before = start.clone()
    power_iteration(matrix, start)
    batched_power_iteration([matrix], [start], 1)
    assert torch.equal(start, before)
