import pytest

from sngan.system.require import require_number


@pytest.mark.parametrize("value", [0, 0.5, 3])
def test_numbers_that_are_accepted(value):
    require_number("x", value)


@pytest.mark.parametrize("value", [-1, True, "1", None, float("nan"), float("inf")])
def test_numbers_that_are_not(value):
    with pytest.raises(ValueError, match=f"x must be a number >= 0, got {value}"):
        require_number("x", value)


def test_numbers_above_a_limit():
    with pytest.raises(ValueError, match="x must be a number > 0, got 0"):
        require_number("x", 0, above=0)
