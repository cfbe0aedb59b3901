"""Adaptive augmentation: its transformations by closed forms and in NumPy, and how p moves."""

import copy
import math

import numpy as np
import pytest
import torch

from sngan.architecture.base import DiscriminatorOutput
from sngan.augmentation.adaptive import DEFAULT, IN_PLANE, OF_COLOURS, Adaptive
from sngan.augmentation.parts import matrices, plane
from sngan.augmentation.parts.draws import Draws
from sngan.system.require import SettingError

ALL = (*DEFAULT, "cutout")


@pytest.fixture
def images():
    torch.manual_seed(0)
    return torch.rand(6, 3, 8, 8, dtype=torch.float64) * 2 - 1


def of(name, images, p=1.0):
    return Adaptive((name,), p=p)(images)


@pytest.mark.parametrize("channels", [1, 3])
def test_nothing_changes_at_p_zero_bit_by_bit(channels):
    images = torch.randn(5, channels, 9, 7)
    assert Adaptive(ALL)(images).equal(images)
    assert not Adaptive(ALL, p=1)(images).isclose(images).all(dim=(1, 2, 3)).any()


@pytest.mark.parametrize("name", ALL)
def test_each_is_done_to_a_share_of_the_pictures(name):
    torch.manual_seed(1)
    images = torch.rand(4000, 3, 4, 4) * 2 - 1
    same = (of(name, images, 0.3) == images).flatten(1).all(dim=1).double().mean().item()
    halves = {"x_flip": 1 / 2, "luma_flip": 1 / 2, "rotate_90": 3 / 4}  # Others do nothing.
    if name == "integer_translation":  # Of half an element at most, which rounds to none.
        assert same == 1
    else:  # The spread of a mean over 4,000 is below 0.008.
        assert same == pytest.approx(1 - 0.3 * halves.get(name, 1), abs=0.03)


def test_blits_are_exact(images):
    def among(changed, options):
        return all(any(x.equal(o[i]) for o in options) for i, x in enumerate(changed))

    assert among(of("x_flip", images), [images, images.flip(3)])
    assert among(of("rotate_90", images), [images.rot90(k, (2, 3)) for k in range(4)])
    wrapped = torch.nn.functional.pad(images, (1, 1, 1, 1), mode="reflect")
    shifts = [wrapped[:, :, y : y + 8, x : x + 8] for y in range(3) for x in range(3)]
    assert among(of("integer_translation", images), shifts)


def resampled_by_hand(image, before):
    """One picture, element by element."""
    _, h, w = image.shape
    at = lambda i, n: (n - 1) - abs((n - 1) - abs(i) % (2 * (n - 1)))  # noqa: E731
    out = np.zeros_like(image)
    for y in range(h):
        for x in range(w):
            u, v, _ = before @ [x - (w - 1) / 2, y - (h - 1) / 2, 1]
            u, v = u + (w - 1) / 2, v + (h - 1) / 2
            a, b = math.floor(v), math.floor(u)
            for i, p in ((a, 1 - (v - a)), (a + 1, v - a)):
                for j, q in ((b, 1 - (u - b)), (b + 1, u - b)):
                    out[:, y, x] += p * q * image[:, at(i, h), at(j, w)]
    return out


def test_resampling_equals_numpy(images):
    before = torch.eye(3, dtype=torch.float64) + torch.randn(6, 3, 3, dtype=torch.float64) / 3
    before[:, 2] = torch.tensor([0.0, 0, 1])
    expected = np.stack([resampled_by_hand(x, m) for x, m in zip(images.numpy(), before.numpy(),
                                                                 strict=True)])  # fmt: skip
    np.testing.assert_allclose(plane.resampled(images, before).numpy(), expected, atol=1e-12)


def test_the_whole_pipeline_equals_numpy(images):
    """The paper's order: in the plane a step acts before those that follow; so among colours."""
    torch.manual_seed(3)
    draws = Draws(images, torch.tensor(1.0))
    inverse = [step(draws).numpy() for _, step in IN_PLANE]
    change = [step(draws).numpy() for _, step in OF_COLOURS]
    torch.manual_seed(3)
    found = Adaptive(p=1)(images).numpy()
    for i, image in enumerate(images.numpy()):
        before = np.linalg.multi_dot([m[i] for m in inverse])
        moved = resampled_by_hand(image, before)
        colour = np.concatenate([moved.reshape(3, -1), np.ones((1, 64))])
        for m in change:
            colour = m[i] @ colour
        np.testing.assert_allclose(found[i], colour[:3].reshape(3, 8, 8), atol=1e-12)


def entries(matrix):
    return matrix[0].numpy()


def test_matrices_of_the_plane_and_of_colours():
    t, one = torch.tensor([0.3], dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    turn = entries(matrices.rotation(t.cos(), t.sin()))
    np.testing.assert_allclose(turn[:2, :2] @ turn[:2, :2].T, np.eye(2), atol=1e-15)
    grey, v = np.ones(3) / math.sqrt(3), np.full((3, 3), 1 / 3)
    hue = entries(matrices.hue_rotation(t))[:3, :3]
    np.testing.assert_allclose(hue @ grey, grey, atol=1e-15)
    np.testing.assert_allclose(hue @ hue.T, np.eye(3), atol=1e-15)
    assert np.trace(hue) == pytest.approx(1 + 2 * math.cos(0.3))
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)  # Right-handed.
    np.testing.assert_allclose((hue - hue.T) / 2, math.sin(0.3) * cross, atol=1e-15)
    flip = entries(matrices.along_and_around(-one, one))[:3, :3]
    np.testing.assert_allclose(flip, np.eye(3) - 2 * v, atol=1e-15)
    saturated = entries(matrices.along_and_around(one, t))[:3, :3]
    np.testing.assert_allclose(saturated, v + 0.3 * (np.eye(3) - v), atol=1e-15)


def test_brightness_shifts_the_mean_and_contrast_scales(images):
    by = (of("brightness", images) - images).flatten(1)
    torch.testing.assert_close(by, by[:, :1].expand_as(by))
    factor = (of("contrast", images) / images).flatten(1)
    torch.testing.assert_close(factor, factor[:, :1].expand_as(factor))
    assert (factor > 0).all()


def test_a_grey_picture_stays_one_and_knows_no_hue():
    grey = torch.rand(4, 1, 8, 8, dtype=torch.float64)
    torch.testing.assert_close(of("hue", grey), grey)
    torch.testing.assert_close(of("saturation", grey), grey)
    torch.manual_seed(4)
    flipped = of("luma_flip", grey)
    torch.manual_seed(4)
    torch.testing.assert_close(of("luma_flip", grey.expand(-1, 3, -1, -1))[:, :1], flipped)


def test_cutout_is_half_as_high_and_wide_where_no_edge_is():
    torch.manual_seed(5)
    cut = of("cutout", torch.ones(3000, 3, 16, 16))
    gone = 1 - cut[:, 0]
    heights, widths = gone.amax(dim=2).sum(dim=1), gone.amax(dim=1).sum(dim=1)
    assert gone.sum(dim=(1, 2)).equal(heights * widths)
    for sides in (heights, widths):
        assert sides.max() == 8
        assert (sides == 8).double().mean().item() == pytest.approx(
            9 / 16, abs=0.03
        )  # Half, and half an element.


@pytest.mark.parametrize("names", [*((name,) for name in ALL), ALL], ids=lambda x: x[-1])
def test_gradients_of_first_and_second_order(names):
    augmentation = Adaptive(names, p=1)

    def augmented(images):
        torch.manual_seed(2)
        return augmentation(images)

    images = torch.randn(1, 3, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(augmented, images)
    assert torch.autograd.gradgradcheck(augmented, images)


def show(augmentation, logits, iterations):
    for _ in range(iterations):
        augmentation.observe(DiscriminatorOutput(logits))
        augmentation.after_iteration()


def test_p_moves_every_four_iterations_towards_the_target():
    augmentation = Adaptive(ada_kimg=1)
    sure, torn = torch.ones(50), torch.tensor([1.0, -1.0]).repeat(25)
    for iterations, expected in ((3, 0), (1, 0.2), (4, 0.4), (2, 0.4)):
        show(augmentation, sure, iterations)
        assert augmentation.p.item() == pytest.approx(expected)  # 50 of 1,000 an iteration.
    show(augmentation, torn, 2)  # Over the four the mean is a half: below 0.6.
    assert augmentation.p.item() == pytest.approx(0.2)


@pytest.mark.parametrize(("logit", "start", "end"), [(1.0, 0.3, 1), (-1.0, 0.7, 0), (0.0, 0.1, 0)])
def test_p_converges_on_a_fixed_sign(logit, start, end):
    augmentation = Adaptive(p=start, ada_kimg=0.5)
    show(augmentation, torch.full((50,), logit), 100)
    assert augmentation.p == end
    assert augmentation.measured() == {"augmentation/p": end}


def test_without_a_target_p_stays():
    augmentation = Adaptive(p=0.3, target=None, ada_kimg=0.01)
    show(augmentation, torch.ones(50), 9)
    assert augmentation.p.item() == pytest.approx(0.3)


def test_it_goes_on_where_its_state_was_taken():
    whole, later = (Adaptive(ada_kimg=1) for _ in range(2))
    show(whole, torch.ones(50), 6)
    later.load_state_dict(copy.deepcopy(whole.state_dict()))
    for augmentation in (whole, later):
        show(augmentation, torch.ones(30), 2)
    assert later.p == whole.p == pytest.approx(0.36)


def test_lower_precision_is_raised():
    images = torch.rand(2, 3, 8, 8).to(torch.bfloat16)
    assert Adaptive(p=0.5)(images).dtype == torch.float32


@pytest.mark.parametrize(
    "setting",
    [
        {"p": 1.1}, {"target": -0.1}, {"interval": 0}, {"ada_kimg": 0}, {"transformations": ()},
        {"transformations": ("blur",)}, {"transformations": ("hue", "hue")},
    ],
    ids=str,
)  # fmt: skip
def test_bad_settings(setting):
    (name,) = setting
    with pytest.raises(SettingError, match=f"^{name} must"):
        Adaptive(**setting)
