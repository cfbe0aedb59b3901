import pytest

from sngan.schedule import linear_decay


def test_decay_ends_exactly_at_the_last_iteration():
    factor = linear_decay(0, 4)
    assert [factor(step) for step in range(5)] == [1, 0.75, 0.5, 0.25, 0]


def test_late_start():
    factor = linear_decay(0.5, 4)
    assert [factor(step) for step in range(5)] == [1, 1, 1, 0.5, 0]


def test_no_decay():
    assert linear_decay(None, 4)(3) == 1


@pytest.mark.parametrize("start", [-0.1, 1])
def test_start_outside_the_run(start):
    with pytest.raises(ValueError, match=rf"lr_decay_start .* got {start}"):
        linear_decay(start, 4)
