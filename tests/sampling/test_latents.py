import pytest
import torch
from scipy.stats import kstest, truncnorm

from sngan.architecture.cnn import CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarGenerator
from sngan.sampling.latents import Latents, indexed_latents
from sngan.system.require import SettingError

CPU = torch.device("cpu")


@pytest.mark.parametrize(("noise", "std"), [("normal", 1.0), ("uniform", 3**-0.5)])
def test_noise_has_the_generator_s_distribution(noise, std):
    latents = Latents(CnnGenerator(8, width=0.02, noise=noise), CPU)
    z, labels = latents.sample(2000)
    assert z.shape == (2000, 128)
    assert labels is None
    assert z.mean().item() == pytest.approx(0, abs=0.01)
    assert z.std().item() == pytest.approx(std, rel=0.01)
    assert (z.abs().max() <= 1) == (noise == "uniform")


def test_labels_are_uniform():
    latents = Latents(ResNetCifarGenerator(8, n_classes=4, width=0.02), CPU)
    _, labels = latents.sample(8000)
    assert labels.dtype == torch.int64
    counts = labels.bincount()
    assert len(counts) == 4
    assert (counts - 2000).abs().max() < 200


@pytest.mark.parametrize(("noise", "std"), [("normal", 1.0), ("uniform", 3**-0.5)])
def test_numbered_noise_has_that_distribution_too(noise, std):
    generator = CnnGenerator(8, width=0.02, noise=noise)
    z, labels = indexed_latents(generator, 7, torch.arange(2000), CPU)
    assert z.shape == (2000, 128)
    assert z.dtype == torch.float32
    assert labels is None
    assert z.mean().item() == pytest.approx(0, abs=0.01)
    assert z.std().item() == pytest.approx(std, rel=0.01)
    neighbours = (z[:-1] * z[1:]).mean() / std**2
    assert neighbours.item() == pytest.approx(0, abs=0.01)


def test_numbers_and_seeds_have_streams_of_their_own():
    generator = CnnGenerator(8, width=0.02)
    many = [indexed_latents(generator, seed, torch.arange(50), CPU)[0] for seed in range(4)]
    assert len({row.tobytes() for row in torch.cat(many).numpy()}) == 200
    again, _ = indexed_latents(generator, 2, torch.tensor([31, 4]), CPU)
    assert torch.equal(again, many[2][[31, 4]])


@pytest.mark.parametrize("limit", [0.04, 1.0, 3.0])
def test_truncated_noise_is_normal_within(limit):
    """And untouched where it was, and of the same classes."""
    generator = ResNetCifarGenerator(8, n_classes=3, width=0.05)
    index = torch.arange(2000)
    whole, labels = indexed_latents(generator, 1, index, CPU)
    z, same_labels = indexed_latents(generator, 1, index, CPU, limit)
    assert z.dtype == torch.float32
    assert z.abs().max() <= limit
    assert torch.equal(labels, same_labels)
    was_within = whole.abs() <= limit
    assert torch.equal(z[was_within], whole[was_within])
    redrawn = z[~was_within].double().numpy()
    assert kstest(redrawn, truncnorm(-limit, limit).cdf).pvalue > 1e-3
    alone, _ = indexed_latents(generator, 1, index[7:8], CPU, limit)
    assert torch.equal(alone, z[7:8])


def test_uniform_noise_is_not_truncated():
    generator = CnnGenerator(8, width=0.02, noise="uniform")
    with pytest.raises(SettingError, match="truncation is for normal noise, the network's is unif"):
        indexed_latents(generator, 0, torch.arange(2), CPU, 1.0)
