import torch

from sngan.schedule.constant import Constant


def test_the_factor_is_one_everywhere():
    factors = [Constant().factor(torch.tensor(float(done)), 4).item() for done in range(6)]
    assert factors == [1] * 6
    assert not Constant().needs_length
