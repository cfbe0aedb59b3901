"""The plain networks compute what ours do, so that only the way is compared."""

import pytest
import torch

from scripts.benchmark.plain import NETWORKS
from scripts.benchmark.task import LATENT_SIZE, Task
from sngan.architecture.base import WeightedLayer, weighted_layers
from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator

OURS = {
    "cnn": (CnnGenerator, CnnDiscriminator),
    "resnet": (ResNetCifarGenerator, ResNetCifarDiscriminator),
}


@pytest.fixture(params=OURS)
def task(request):
    return Task(request.param, width=0.125)


def test_generators_are_the_same_function(task):
    ours = OURS[task.network][0](task.image_size, width=task.width)
    plain = NETWORKS[task.network][0](task)
    for parameter in ours.parameters():
        torch.nn.init.normal_(parameter, std=0.1)  # Neither zeros nor ones hide a difference.
    state = zip(plain.state_dict(), ours.state_dict().values(), strict=True)
    plain.load_state_dict(dict(state))
    z = torch.randn(4, LATENT_SIZE)
    torch.testing.assert_close(plain(z), ours(z))


def test_discriminators_are_the_same_function_of_normalised_weights(task):
    ours = OURS[task.network][1](task.image_size, lambda layer, position: layer, width=task.width)
    plain = NETWORKS[task.network][1](task)
    images = torch.rand(4, 3, task.image_size, task.image_size)
    logits = plain(images)  # Leaves the weights of this pass, each over its spectral norm.
    theirs = [module for module in plain.modules() if isinstance(module, WeightedLayer)]
    with torch.no_grad():
        for target, source in zip(weighted_layers(ours).values(), theirs, strict=True):
            target.weight.copy_(source.weight)
            assert (target.bias is None) == (source.bias is None)
            if target.bias is not None:
                target.bias.copy_(source.bias)
    torch.testing.assert_close(ours(images).logits, logits)


def test_every_layer_of_the_discriminator_is_spectrally_normalised(task):
    plain = NETWORKS[task.network][1](task)
    layers = [module for module in plain.modules() if isinstance(module, WeightedLayer)]
    assert len(layers) == {"cnn": 8, "resnet": 11}[task.network]
    assert all(hasattr(layer, "weight_u") for layer in layers)
