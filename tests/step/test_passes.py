"""One pass for both batches gives the numbers of two, for every way to tame a discriminator."""

import copy

import pytest
import torch

from sngan.architecture.cnn import CnnDiscriminator
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator
from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.frobenius_norm import FrobeniusNorm
from sngan.regularizer.layer_norm import LayerNorm
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.regularizer.weight_norm import WeightNorm
from sngan.step.passes import JointPass, SeparatePasses, passes_for

REGULARIZERS = {
    "none": [NoRegularizer()],
    "spectral_norm": [SpectralNorm()],
    "three_rounds": [SpectralNorm(power_iterations=3)],
    "gamma": [SpectralNorm(gamma=True)],
    "convolution": [SpectralNorm(operator="convolution")],
    "weight_norm": [WeightNorm()],
    "frobenius_norm": [FrobeniusNorm(gamma=True)],
    "batch_norm": [BatchNorm()],
    "layer_norm": [LayerNorm()],
    "spectral_then_batch_norm": [SpectralNorm(), BatchNorm()],
    "batch_then_spectral_norm": [BatchNorm(), SpectralNorm()],
}
NETWORKS = {
    "cnn": lambda wrap: CnnDiscriminator(8, wrap, width=0.1),
    "resnet": lambda wrap: ResNetCifarDiscriminator(8, wrap, width=0.05),
    "projection": lambda wrap: ResNetCifarDiscriminator(
        8, wrap, width=0.05, conditioning="projection", n_classes=3
    ),
    "classifier": lambda wrap: ResNetCifarDiscriminator(
        8, wrap, width=0.05, conditioning="classifier", n_classes=3
    ),
}


def build(network, regularizer):
    combined = Combined(REGULARIZERS[regularizer])
    discriminator = NETWORKS[network](combined.wrap_layer).double()
    for parameter in discriminator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)  # Biases that are not zero.
    combined.prepare(discriminator)
    return discriminator


def batches():
    real, fake = torch.randn(5, 3, 8, 8).double(), torch.randn(3, 3, 8, 8).double()
    return real, torch.randint(3, (5,)), fake, torch.randint(3, (3,))


def losses_and_state(discriminator, judge, pictures):
    """Two passes, so that what the first one leaves behind counts."""
    for _ in range(2):
        verdicts = judge(*pictures)
    total = sum(
        (index + 1) * part.square().sum()
        for index, verdict in enumerate(verdicts)
        for part in verdict
        if part is not None
    )
    total.backward()
    gradients = {name: p.grad for name, p in discriminator.named_parameters()}
    return verdicts, gradients, discriminator.state_dict()


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_equals_separate_passes(network, regularizer):
    apart = build(network, regularizer)
    together = copy.deepcopy(apart)
    pictures = batches()
    expected = losses_and_state(apart, SeparatePasses(apart), pictures)
    found = losses_and_state(together, JointPass(together), pictures)
    for actual, wanted in zip(found[0], expected[0], strict=True):
        torch.testing.assert_close(actual.logits, wanted.logits)
        assert (actual.class_losses is None) == (network != "classifier")
        torch.testing.assert_close(actual.class_losses, wanted.class_losses)
    for actual, wanted in zip(found[1:], expected[1:], strict=True):
        torch.testing.assert_close(actual, wanted)


def test_is_one_pass():
    discriminator = build("cnn", "spectral_norm")
    sizes = []
    discriminator.register_forward_hook(lambda module, x, y: sizes.append(len(x[0])))
    JointPass(discriminator)(*batches())
    assert sizes == [8]


def test_single_sigma_advances_once_and_uses_one_weight():
    discriminator = build("cnn", "spectral_norm")
    alone = copy.deepcopy(discriminator)
    real, labels, fake, fake_labels = batches()
    verdicts = JointPass(discriminator, single_sigma=True)(real, labels, fake, fake_labels)
    expected = alone(torch.cat([real, fake])).logits
    torch.testing.assert_close(torch.cat([verdict.logits for verdict in verdicts]), expected)
    torch.testing.assert_close(discriminator.state_dict(), alone.state_dict())


def test_single_sigma_keeps_batch_statistics_apart():
    apart = build("cnn", "batch_norm")
    together = copy.deepcopy(apart)
    pictures = batches()
    expected = SeparatePasses(apart)(*pictures)
    found = JointPass(together, single_sigma=True)(*pictures)
    for actual, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(actual.logits, wanted.logits)


def test_the_next_pass_is_a_single_one_again():
    discriminator = build("cnn", "batch_norm")
    JointPass(discriminator)(*batches())
    assert discriminator(torch.zeros(2, 3, 8, 8).double()).logits.shape == (2,)


def test_bfloat16_keeps_sigma_in_float32():
    """The factor of a part is rounded once, with the product."""
    discriminator = build("cnn", "spectral_norm").float()
    seen = []
    for layer in discriminator.convolutions:
        layer.register_forward_pre_hook(lambda module, x: seen.append(module.ready.dtype))
    real, labels, fake, fake_labels = batches()
    with torch.autocast("cpu", torch.bfloat16):
        verdicts = JointPass(discriminator)(real.float(), labels, fake.float(), fake_labels)
    assert set(seen) == {torch.float32}
    assert verdicts[0].logits.dtype == torch.bfloat16


def test_settings_choose_the_judge():
    discriminator = build("cnn", "spectral_norm")
    kinds = [type(passes_for(discriminator, joint, False)) for joint in (True, False)]
    assert kinds == [JointPass, SeparatePasses]
    assert passes_for(discriminator, True, True)._partwise == []  # No batch norm is in it.


@pytest.mark.parametrize("regularizer", ["none", "weight_norm", "batch_norm"])
def test_there_must_be_a_sigma_to_share(regularizer):
    with pytest.raises(ValueError, match="single_sigma=true needs regularizer=spectral_norm"):
        passes_for(build("cnn", regularizer), True, True)
