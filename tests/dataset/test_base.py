import pytest

from sngan.dataset.base import require_same_classes

MANY = tuple(f"n{index:02}" for index in range(20))


def test_equal_classes_are_equal_whatever_holds_them():
    require_same_classes(("a", "b"), ["a", "b"])


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("ab", "ac", "the 2 classes must be those of before, got 2: b is gone, c is new"),
        ("ab", "abc", "the 2 classes must be those of before, got 3: c is new"),
        ("abc", "b", "the 3 classes must be those of before, got 1: a, c are gone"),
        ("ab", "ba", "got 2: in another order"),
        (MANY, ("n00",), "got 1: n01, n02, n03, n04, n05 and 14 more are gone"),
    ],
)
def test_differences_are_named(before, now, said):
    with pytest.raises(ValueError, match=said + "$"):
        require_same_classes(before, now)
