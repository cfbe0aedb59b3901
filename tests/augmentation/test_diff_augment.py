"""DiffAugment, by closed forms and by the formulas of the authors' code in NumPy."""

import numpy as np
import pytest
import torch

from sngan.augmentation import diff_augment
from sngan.augmentation.diff_augment import DiffAugment
from sngan.system.require import SettingError

PARTS = ("color", "translation", "cutout")


@pytest.fixture
def images():
    torch.manual_seed(0)
    return torch.rand(6, 3, 16, 12, dtype=torch.float64) * 2 - 1


def test_brightness_shifts_the_mean_and_nothing_else(images):
    changed = diff_augment.brightness(images)
    by = (changed - images).flatten(1)
    torch.testing.assert_close(by, by[:, :1].expand_as(by))
    assert by.abs().max() <= 0.5
    assert len(by[:, 0].unique()) == len(images)


def test_saturation_keeps_the_grey_and_contrast_the_mean(images):
    for change, over in ((diff_augment.saturation, 1), (diff_augment.contrast, (1, 2, 3))):
        mean = images.mean(dim=over, keepdim=True)
        factor = (change(images) - mean) / (images - mean)
        torch.testing.assert_close(factor, factor[:, :1, :1, :1].expand_as(factor))
        assert len(factor[:, 0, 0, 0].unique()) == len(images)
        assert factor.min() >= 0


def test_an_impulse_moves_by_at_most_an_eighth_and_every_way():
    impulse = torch.zeros(2000, 1, 16, 16)
    impulse[:, :, 8, 8] = 1
    moved = diff_augment.translation(impulse)
    assert (moved.sum(dim=(1, 2, 3)) == 1).all()
    places = moved[:, 0].nonzero()[:, 1:] - 8
    assert {tuple(place) for place in places.tolist()} == {
        (y, x) for y in range(-2, 3) for x in range(-2, 3)
    }


def test_what_is_cut_out_is_half_as_high_and_wide():
    cut = diff_augment.cutout(torch.ones(2000, 3, 16, 16))
    assert set(cut.unique().tolist()) == {0, 1}
    gone = 1 - cut[:, 0]
    heights, widths = gone.amax(dim=2).sum(dim=1), gone.amax(dim=1).sum(dim=1)
    assert gone.sum(dim=(1, 2)).equal(heights * widths)  # A box, the same in all channels.
    assert cut[:, 0].equal(cut[:, 2])
    for sides in (heights, widths):
        assert set(sides.tolist()) == {4, 5, 6, 7, 8}  # All of it, or cut off by an edge.


def authors(x):
    """What their code does, with the numbers that it draws."""
    n, _, h, w = x.shape
    draw = lambda: torch.rand(n, 1, 1, 1, dtype=torch.float64).numpy()  # noqa: E731
    whole = lambda low, high: torch.randint(low, high, (n,)).numpy()  # noqa: E731
    x = x + (draw() - 0.5)
    mean = x.mean(1, keepdims=True)
    x = (x - mean) * (draw() * 2) + mean
    mean = x.mean((1, 2, 3), keepdims=True)
    x = (x - mean) * (draw() + 0.5) + mean
    most = [int(side * 0.125 + 0.5) for side in (h, w)]
    down, right = (whole(-side, side + 1) for side in most)
    padded = np.pad(x, ((0, 0), (0, 0), (h, h), (w, w)))
    x = np.stack([padded[i, :, h + a : 2 * h + a, w + b : 2 * w + b]
                  for i, (a, b) in enumerate(zip(down, right, strict=True))])  # fmt: skip
    box = [int(side * 0.5 + 0.5) for side in (h, w)]
    tops, lefts = (whole(0, side + 1 - c % 2) for side, c in zip((h, w), box, strict=True))
    for i, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        rows, columns = (
            np.clip(np.arange(c) + start - c // 2, 0, side - 1)
            for c, start, side in zip(box, (top, left), (h, w), strict=True)
        )
        x[i][:, rows[:, None], columns] = 0
    return x


def test_equals_the_authors_formulas(images):
    torch.manual_seed(1)
    expected = authors(images.numpy())
    torch.manual_seed(1)
    np.testing.assert_allclose(DiffAugment()(images).numpy(), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("policy", [*((part,) for part in PARTS), PARTS], ids=str)
def test_gradients_of_first_and_second_order(policy):
    augmentation = DiffAugment(policy)

    def augmented(images):
        torch.manual_seed(2)
        return augmentation(images)

    images = torch.randn(2, 3, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(augmented, images)
    assert torch.autograd.gradgradcheck(augmented, images)


def test_the_policy_is_done_in_its_order_and_may_be_short(images):
    assert not DiffAugment(("color",))(images).eq(0).any()
    assert DiffAugment(("color", "cutout"))(images).eq(0).any()
    assert not DiffAugment(("cutout", "color"))(images).eq(0).any()  # Colour comes over it.


@pytest.mark.parametrize("policy", [(), ("colour",), "color", 3], ids=str)
def test_bad_policies(policy):
    with pytest.raises(SettingError, match=r"^policy.* must be"):
        DiffAugment(policy)
