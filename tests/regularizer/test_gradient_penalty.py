import pytest
import torch
from torch import nn

from sngan.architecture.base import Discriminator, Verdict
from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.combined import Combined
from sngan.regularizer.gradient_penalty import GradientPenalty
from sngan.regularizer.layer_norm import LayerNorm
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.spectral_norm import SpectralNorm


class Linear(Discriminator):
    """``f(x) = <w, x>``; its gradient is ``w`` everywhere."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.seen = []

    def forward(self, images, labels=None):
        self.seen.append((images.detach(), labels))
        return Verdict((images * self.weight).sum(dim=(1, 2, 3)))

    def lipschitz_bound(self, norm):
        return self.weight.norm().item()


def test_closed_form_of_a_linear_discriminator():
    weight = torch.randn(3, 4, 4, dtype=torch.float64)
    discriminator = Linear(weight)
    real, fake = torch.randn(2, 5, 3, 4, 4, dtype=torch.float64)
    penalty = GradientPenalty(weight=10).penalty(discriminator, real, fake, None)
    torch.testing.assert_close(penalty, 10 * (weight.norm() - 1) ** 2)
    (gradient,) = torch.autograd.grad(penalty, discriminator.weight)
    torch.testing.assert_close(gradient, 20 * (weight.norm() - 1) * weight / weight.norm())


def test_pictures_are_mixed_with_one_share_each():
    discriminator = Linear(torch.ones(3, 4, 4))
    labels = torch.arange(6)
    GradientPenalty().penalty(
        discriminator, torch.ones(6, 3, 4, 4), torch.zeros(6, 3, 4, 4), labels
    )
    ((mixed, seen_labels),) = discriminator.seen
    shares = mixed[:, 0, 0, 0]
    assert torch.equal(mixed, shares.view(-1, 1, 1, 1).expand_as(mixed))
    assert len(shares.unique()) == 6
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert torch.equal(seen_labels, labels)


def test_lengths_are_per_picture():
    """A quadratic's gradient is ``2 x``: one long and one short picture do not cancel."""

    class Quadratic(Linear):
        def forward(self, images, labels=None):
            return Verdict((self.weight * images).square().sum(dim=(1, 2, 3)))

    real = torch.stack([torch.full((3, 1, 1), 0.0), torch.full((3, 1, 1), 1.0)])
    penalty = GradientPenalty(weight=1).penalty(Quadratic(torch.ones(3, 1, 1)), real, real, None)
    assert penalty.item() == pytest.approx(((0 - 1) ** 2 + (12**0.5 - 1) ** 2) / 2)


@pytest.mark.parametrize(
    "other",
    [NoRegularizer(), SpectralNorm(), SpectralNorm(gamma=True), BatchNorm(), LayerNorm()],
    ids=lambda x: type(x).__name__,
)
def test_gradient_against_finite_differences(other, resnet, images):
    """Through the double backward of every normalisation; ``u`` is held where it is."""
    regularizer = Combined([other, GradientPenalty()])
    discriminator = resnet(regularizer).double()
    state = {name: tensor.clone() for name, tensor in discriminator.state_dict().items()}
    real, fake = images.double(), images.flip(0).double()

    def penalty():
        for name, buffer in discriminator.named_buffers():
            buffer.copy_(state[name])
        torch.manual_seed(0)
        return regularizer.penalty(discriminator, real, fake, None)

    parameter = next(
        p
        for n, p in discriminator.named_parameters()
        if "blocks.2.conv1" in n and n.endswith("weight")
    )
    (gradient,) = torch.autograd.grad(penalty(), parameter)
    if isinstance(other, SpectralNorm):
        converge(discriminator)
        state.update({name: buffer.clone() for name, buffer in discriminator.named_buffers()})
        (gradient,) = torch.autograd.grad(penalty(), parameter)
    direction = torch.randn_like(parameter)
    step = 1e-6
    values = []
    for sign in (1, -1):
        parameter.data.add_(sign * step * direction)
        values.append(penalty().item())
        parameter.data.sub_(sign * step * direction)
    slope = (values[0] - values[1]) / (2 * step)
    assert (gradient * direction).sum().item() == pytest.approx(slope, rel=1e-5, abs=1e-8)


def converge(discriminator):
    """Power iteration to the end: only there is sigma's derivative that of u and v held fixed."""
    from sngan.regularizer.spectral_norm import SpectralNormLayer

    for module in discriminator.modules():
        if isinstance(module, SpectralNormLayer):
            module.u.copy_(torch.linalg.svd(module.matrix())[0][:, 0])


def test_nothing_but_the_loss_is_touched(cnn, images):
    regularizer = GradientPenalty()
    discriminator = cnn(regularizer)
    before = {name: tensor.clone() for name, tensor in discriminator.state_dict().items()}
    regularizer.penalty(discriminator, images, images, None)
    regularizer.after_step(discriminator)
    assert all(torch.equal(before[name], now) for name, now in discriminator.state_dict().items())
    assert all(parameter.grad is None for parameter in discriminator.parameters())
