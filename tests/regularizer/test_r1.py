import numpy as np
import pytest
import torch
from torch import nn

from sngan.architecture.base import Discriminator, DiscriminatorOutput
from sngan.regularizer.r1 import R1
from sngan.regularizer.r2 import R2

PLACE = {R1: 0, R2: 1}  # Real pictures come before fakes.
both = pytest.mark.parametrize("member", PLACE)


class Bent(Discriminator):
    """``f(x) = v . |W x|`` and the class's own offset; remembers what it is shown."""

    def __init__(self, inputs=12, hidden=5):
        super().__init__()
        self.first = nn.Parameter(torch.randn(hidden, inputs, dtype=torch.float64))
        self.last = nn.Parameter(torch.randn(hidden, dtype=torch.float64))
        self.seen = []

    def forward(self, images, labels=None):
        self.seen.append((images.detach(), labels))
        factor = 1 if labels is None else labels + 1
        return DiscriminatorOutput((images.flatten(1) @ self.first.T).abs() @ self.last * factor)


@pytest.fixture
def pictures():
    return torch.randn(2, 5, 3, 2, 2, dtype=torch.float64)


@both
def test_closed_form_of_a_linear_discriminator(member, as_judge, judged, pictures):
    """``gamma / 2 * ||w||^2``, wherever the pictures are; its gradient is ``gamma * w``."""
    weight = nn.Parameter(torch.randn(3, 2, 2, dtype=torch.float64))
    linear = as_judge(lambda images: (images * weight).sum(dim=(1, 2, 3)))
    penalty = member(gamma=10).penalty(linear, judged(*pictures))
    torch.testing.assert_close(penalty, 5 * weight.square().sum())
    (gradient,) = torch.autograd.grad(penalty, weight)
    torch.testing.assert_close(gradient, 10 * weight)


@both
def test_closed_form_of_a_quadratic_one(member, as_judge, judged, pictures):
    """The gradient of ``||x||^2 / 2`` is ``x``: the mean over the pictures of one kind."""
    half_square = as_judge(lambda images: images.square().sum(dim=(1, 2, 3)) / 2)
    penalty = member(gamma=3).penalty(half_square, judged(*pictures))
    own = pictures[PLACE[member]]
    torch.testing.assert_close(penalty, 1.5 * own.square().sum() / len(own))


@both
def test_against_a_computation_by_hand_in_numpy(member, judged, pictures):
    """``grad f = W^T (v * sign(W x))``, with classes."""
    discriminator = Bent()
    classes = torch.arange(5), torch.arange(5).flip(0) + 2
    penalty = member(gamma=7).penalty(discriminator, judged(*pictures, *classes))
    index = PLACE[member]
    x, factor = pictures[index].flatten(1).numpy(), classes[index].numpy() + 1
    first, last = discriminator.first.detach().numpy(), discriminator.last.detach().numpy()
    gradients = (last * np.sign(x @ first.T)) @ first * factor[:, None]
    assert penalty.item() == pytest.approx(3.5 * (gradients**2).sum(axis=1).mean(), rel=1e-12)


@both
def test_looks_at_one_kind_of_pictures_with_its_classes(member, judged, pictures):
    discriminator = Bent()
    classes = torch.arange(5), torch.arange(5) + 5
    member().penalty(discriminator, judged(*pictures, *classes))
    index = PLACE[member]
    ((images, labels),) = discriminator.seen
    assert torch.equal(images, pictures[index])
    assert torch.equal(labels, classes[index])


@both
def test_it_is_at_rest_where_nothing_is_said(member, judged, pictures):
    """Unlike a penalty around one, and without a NaN from the square root."""
    discriminator = Bent()
    with torch.no_grad():
        discriminator.last.zero_()
    penalty = member().penalty(discriminator, judged(*pictures))
    gradients = torch.autograd.grad(penalty, list(discriminator.parameters()))
    assert penalty == 0
    assert all(gradient.eq(0).all() for gradient in gradients)


@both
@pytest.mark.parametrize("gamma", [-1, "x", float("nan")])
def test_gamma_must_not_be_negative(member, gamma):
    with pytest.raises(ValueError, match="gamma must be a number between 0 and 1000000000"):
        member(gamma)
