"""What every pair promises, whatever its table."""

import pytest
import torch

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
from sngan.regularizer.spectral_norm import SpectralNorm

PAIRS = {
    "cnn": (CnnGenerator, CnnDiscriminator),
    "resnet_cifar": (ResNetCifarGenerator, ResNetCifarDiscriminator),
}
WRAP = SpectralNorm().wrap_layer


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("size", [8, 32, 48, 64])
def test_shapes_and_range(name, size):
    generator = PAIRS[name][0](size, width=0.05)
    discriminator = PAIRS[name][1](size, WRAP, width=0.05)
    images = generator(100 * torch.randn(5, generator.latent_size))
    assert images.shape == (5, 3, size, size)
    assert images.abs().max() <= 1
    assert discriminator(images).shape == (5,)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("size", [0, 30, 33])
def test_impossible_sizes_are_refused(name, size):
    for build in (lambda: PAIRS[name][0](size), lambda: PAIRS[name][1](size, WRAP)):
        with pytest.raises(ValueError, match=rf"image_size must be a multiple of .*got {size}"):
            build()


@pytest.mark.parametrize("name", PAIRS)
def test_width_scales_channels(name):
    count = [
        sum(p.numel() for p in PAIRS[name][1](32, WRAP, width=width).parameters())
        for width in (0.5, 1.0)
    ]
    assert 3.5 < count[1] / count[0] < 4.1
    with pytest.raises(ValueError, match="width must be > 0, got 0"):
        PAIRS[name][0](32, width=0)
