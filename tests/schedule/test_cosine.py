import math

import pytest
import torch

from sngan.schedule.cosine import Cosine


def factors(schedule, total_steps, count):
    done = torch.arange(count, dtype=torch.float64)
    return [schedule.factor(one, total_steps).item() for one in done]


def test_it_is_pytorchs():
    used = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(used, 8, eta_min=0.1)
    for mine in factors(Cosine(end=0.1), 8, 9):
        assert mine == pytest.approx(used.param_groups[0]["lr"])
        used.step()
        theirs.step()


def test_it_begins_late_and_stays_where_it_ended():
    half = [1, 1, 1, (1 + math.cos(math.pi / 2)) / 2, 0, 0]
    assert factors(Cosine(start=0.5), 4, 6) == pytest.approx(half)


@pytest.mark.parametrize("settings", [{"start": 1}, {"end": -1}, {"end": 2}])
def test_settings_outside_their_range(settings):
    with pytest.raises(ValueError, match=f"^{next(iter(settings))} must be a number"):
        Cosine(**settings)
