import torch
from torch import nn

from sngan.regularizer.frobenius_norm import FrobeniusNorm, FrobeniusNormLayer


def test_sum_of_squares_is_one():
    layer = FrobeniusNormLayer(nn.Conv2d(3, 8, 3)).double()
    assert (
        abs(layer.normalized_weight().square().sum().item() - 1) < 1e-11
    )  # EPS is added to norms.


def test_gradient_is_the_closed_form():
    """Eq. 37: from the gradient G of W_bar to (G - <G, W_bar> W_bar) / ||W||_F."""
    layer = FrobeniusNormLayer(nn.Linear(6, 5, bias=False)).double()
    upstream = torch.randn(5, 6, dtype=torch.float64)
    (layer.normalized_weight() * upstream).sum().backward()
    weight = layer.layer.weight.detach()
    normalized = weight / weight.norm()
    expected = (upstream - (upstream * normalized).sum() * normalized) / weight.norm()
    torch.testing.assert_close(layer.layer.weight.grad, expected)


def test_learned_scale_starts_where_the_weight_is():
    layer = FrobeniusNorm(gamma=True).wrap_layer(nn.Linear(6, 5), "last")
    torch.testing.assert_close(layer.normalized_weight(), layer.layer.weight)
    assert layer.gamma.shape == ()


def test_every_layer_is_wrapped(cnn):
    discriminator = cnn(FrobeniusNorm())
    assert sum(isinstance(m, FrobeniusNormLayer) for m in discriminator.modules()) == 8
