import torch
from torch import nn

from sngan.architecture.cnn import CnnDiscriminator
from sngan.regularizer.none import NoRegularizer


def test_every_hook_does_nothing(judged):
    regularizer = NoRegularizer()
    layer = nn.Linear(2, 2)
    assert regularizer.wrap_layer(layer, "last") is layer

    discriminator = CnnDiscriminator(8, regularizer.wrap_layer, width=0.1)
    before = {name: tensor.clone() for name, tensor in discriminator.state_dict().items()}
    images = torch.randn(2, 3, 8, 8)
    assert regularizer.penalty(discriminator, judged(images, images)) == 0
    regularizer.after_step(discriminator)
    assert all(torch.equal(before[name], now) for name, now in discriminator.state_dict().items())
