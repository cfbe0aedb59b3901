import pytest
import torch

from sngan.schedule.step import Step


def test_it_is_pytorchs():
    used = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.MultiStepLR(used, [5, 8], gamma=0.5)
    for done in range(10):
        mine = Step([0.5, 0.8], 0.5).factor(torch.tensor(done, dtype=torch.float64), 10)
        assert mine.item() == pytest.approx(used.param_groups[0]["lr"])
        used.step()
        theirs.step()


def test_a_factor_of_zero_stops_the_training():
    factors = [Step([0.5], 0).factor(torch.tensor(float(done)), 2).item() for done in (0, 1, 2)]
    assert factors == [1, 0, 0]


@pytest.mark.parametrize("settings", [{"milestones": []}, {"milestones": [2]}, {"gamma": 2}])
def test_settings_outside_their_range(settings):
    with pytest.raises(ValueError, match=f"^{next(iter(settings))} must be"):
        Step(**settings)
