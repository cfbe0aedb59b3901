"""A small discriminator of each kind, and a way to see what a regularizer touches."""

import pytest
import torch

from sngan.architecture.base import DiscriminatorOutput, weighted_layers
from sngan.architecture.cnn import CnnDiscriminator
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator
from sngan.regularizer.base import Judged


@pytest.fixture
def cnn():
    return lambda regularizer: CnnDiscriminator(8, regularizer.wrap_layer, width=0.1)


@pytest.fixture
def resnet():
    return lambda regularizer: ResNetCifarDiscriminator(8, regularizer.wrap_layer, width=0.05)


@pytest.fixture
def images():
    return torch.rand(4, 3, 8, 8) * 2 - 1


@pytest.fixture
def judged():
    """Return pictures of both kinds as judged by a discriminator that says nothing of them."""

    def of(real, fake, labels=None, fake_labels=None):
        nothing = [DiscriminatorOutput(torch.zeros(len(kind))) for kind in (real, fake)]
        return Judged(real, labels, fake, fake_labels, *nothing)

    return of


@pytest.fixture
def as_judge():
    """Turn a function of pictures into something that is called like a discriminator."""
    return lambda function: lambda images, labels: DiscriminatorOutput(function(images))


@pytest.fixture
def norms():
    """Return the normalisation modules of a discriminator by layer name."""

    def find(discriminator, kind):
        return {name for name, module in discriminator.named_modules() if type(module) is kind}

    return find


@pytest.fixture
def layer_names():
    return lambda discriminator: list(weighted_layers(discriminator))
