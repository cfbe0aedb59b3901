"""Intervals of small samples, by tables of Student's distribution."""

import math

import pytest

from sngan.report.interval import FAILS, HOLDS, OPEN, joined, said_of, student, welch

T = {1: 12.7062, 2: 4.3027, 4: 2.7764}
"""97.5 % points by degrees of freedom, as printed."""


def test_equal_variances_and_numbers_are_the_two_sample_case():
    # Variances 1 and 1, n = 3: error sqrt(2 / 3), 4 degrees of freedom.
    margin = T[4] * math.sqrt(2 / 3)
    assert welch([5, 6, 7], [1, 2, 3]) == pytest.approx((4 - margin, 4 + margin), rel=1e-4)


def test_of_unequal_variances_the_larger_decides_the_freedom():
    # The second has none: what is left is the mean of the first, with one degree of freedom.
    margin = T[1] * 1.0  # Variance 2, n = 2.
    assert welch([1, 3], [5, 5]) == pytest.approx((-3 - margin, -3 + margin), rel=1e-4)
    assert student([1, 3]) == pytest.approx((2 - margin, 2 + margin), rel=1e-4)


def test_two_seeds_each():
    # Variances 2 and 2, n = 2: error sqrt(2), 2 degrees of freedom.
    low, high = welch([11, 13], [1, 3])
    assert (low, high) == pytest.approx((10 - T[2] * 2**0.5, 10 + T[2] * 2**0.5), rel=1e-4)
    wider = welch([11, 13], [1, 3], 0.99)
    assert wider[0] < low
    assert wider[1] > high


def test_without_any_spread_an_interval_is_a_point():
    assert welch([2, 2], [1, 1]) == (1, 1)


@pytest.mark.parametrize(
    ("inner", "outer", "said"),
    [
        ((0.1, 2), (-1, 3), HOLDS),
        ((-2, -0.1), (-3, 1), OPEN),  # Refuted alone, not among several.
        ((-2, -0.5), (-3, -0.1), FAILS),
        ((-1, 1), (-2, 2), OPEN),
        ((0, 0), (0, 0), OPEN),
    ],
)
def test_ahead_is_above_zero(inner, outer, said):
    assert said_of(inner, outer, (0.0, math.inf)) == said


def test_level_is_within_a_margin_and_not_merely_undecided():
    assert said_of((-0.9, 0.9), (-2, 2), (-1, 1)) == HOLDS
    assert said_of((-5, 5), (-9, 9), (-1, 1)) == OPEN
    assert said_of((1.5, 3), (1.2, 4), (-1, 1)) == FAILS


def test_all_must_hold_and_one_that_does_not_is_enough():
    assert joined([HOLDS, HOLDS]) == HOLDS
    assert joined([HOLDS, OPEN]) == OPEN
    assert joined([OPEN, FAILS, HOLDS]) == FAILS
    assert joined([]) == OPEN
