import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from sngan.regularizer.weight_norm import WeightNorm, WeightNormLayer

LAYERS = {
    "convolution": (lambda: nn.Conv2d(3, 8, 3, padding=1), (2, 3, 6, 6)),
    "dense": (lambda: nn.Linear(12, 7), (2, 12)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_rows_have_length_one(name):
    layer = WeightNormLayer(LAYERS[name][0]()).double()
    lengths = layer.normalized_weight().flatten(1).norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths))


@pytest.mark.parametrize("name", LAYERS)
def test_equals_pytorch_s_with_its_lengths_held_at_one(name):
    make, shape = LAYERS[name]
    theirs = weight_norm(make().double())
    theirs.parametrizations.weight.original0.data.fill_(1)
    ours = WeightNormLayer(make()).double()
    ours.layer.weight.data.copy_(theirs.parametrizations.weight.original1)
    ours.layer.bias.data.copy_(theirs.bias)
    x = torch.randn(shape, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x))
    (ours(x).square().sum() + theirs(x).square().sum()).backward()
    torch.testing.assert_close(
        ours.layer.weight.grad, theirs.parametrizations.weight.original1.grad
    )


def test_learned_lengths_start_where_the_weight_is():
    """Table 7: one per row, and the network starts unchanged."""
    layer = WeightNorm(gamma=True).wrap_layer(nn.Conv2d(3, 8, 3), "hidden")
    torch.testing.assert_close(layer.normalized_weight(), layer.layer.weight)
    assert layer.gamma.shape == (8,)
    layer.gamma.data.mul_(2)
    torch.testing.assert_close(layer.normalized_weight(), 2 * layer.layer.weight)


def test_every_layer_is_wrapped_and_biases_stay(cnn, images):
    discriminator = cnn(WeightNorm())
    assert sum(isinstance(m, WeightNormLayer) for m in discriminator.modules()) == 8
    assert not any(name.endswith("gamma") for name, _ in discriminator.named_parameters())
    discriminator(images).logits.sum().backward()
    assert all(p.grad is not None for p in discriminator.parameters())
