import itertools

import pytest
import torch
from hydra.utils import get_class
from omegaconf import OmegaConf
from torch import nn

from sngan.architecture.base import weighted_layers
from sngan.assembly.compose import CONFIG_DIR
from sngan.regularizer.base import Regularizer
from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.frobenius_norm import FrobeniusNorm
from sngan.regularizer.layer_norm import LayerNorm
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.parts.normalized_layer import NormalizedLayer
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.regularizer.weight_norm import WeightNorm

NODES = [OmegaConf.load(path) for path in sorted((CONFIG_DIR / "regularizer").glob("*.yaml"))]
ALL = [get_class(node._target_) for node in NODES]
OF_WEIGHTS = {
    part
    for part in ALL
    if isinstance(part().wrap_layer(nn.Linear(2, 2), "hidden"), NormalizedLayer)
}
PAIRS = [pair for pair in itertools.permutations(ALL, 2) if len(OF_WEIGHTS.intersection(pair)) < 2]


def test_those_of_weights_are_known():
    assert {FrobeniusNorm, SpectralNorm, WeightNorm} <= OF_WEIGHTS < {*ALL}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "+".join(p.__name__ for p in pair))
def test_every_pair_trains_in_either_order(pair, resnet, images, judged):
    regularizer = Combined([part() for part in pair])
    discriminator = resnet(regularizer)
    regularizer.prepare(discriminator)
    logits = discriminator(images).logits
    penalty = regularizer.penalty(discriminator, judged(images, images.flip(0)))
    (logits.square().sum() + penalty).backward()
    regularizer.after_step(discriminator)
    assert all(p.grad.isfinite().all() for p in discriminator.parameters() if p.requires_grad)
    assert len(weighted_layers(discriminator)) == 11


@pytest.mark.parametrize("part", ALL, ids=lambda part: part.__name__)
def test_no_regularizer_brings_another_one(part, cnn):
    """Some codes insert batch norm wherever spectral norm is off."""
    discriminator = cnn(part())
    kinds = {type(module) for module in discriminator.modules()}
    assert (nn.BatchNorm2d in kinds) == (part is BatchNorm)
    assert (nn.GroupNorm in kinds) == (part is LayerNorm)
    assert any(issubclass(kind, NormalizedLayer) for kind in kinds) == (part in OF_WEIGHTS)


@pytest.mark.parametrize("order", [1, -1])
def test_normalised_weight_and_normalised_output_in_either_order(order, resnet, images):
    """The same function: the output of the convolution with its normalised weight, normalised."""
    parts = [WeightNorm(), LayerNorm()][::order]
    torch.manual_seed(0)
    discriminator = resnet(Combined(parts))
    torch.manual_seed(0)
    other = resnet(Combined(parts[::-1]))
    torch.testing.assert_close(discriminator(images).logits, other(images).logits)
    wrappers = [m for m in discriminator.modules() if isinstance(m, NormalizedLayer)]
    assert len(wrappers) == 11


def test_hooks_run_in_order_and_penalties_add(resnet, images, judged):
    calls = []

    class Part(Regularizer):
        def __init__(self, name):
            self.name = name

        def wrap_layer(self, layer, position):
            calls.append(("wrap", self.name))
            return layer

        def penalty(self, discriminator, judged):
            return torch.tensor(float(self.name))

        def after_step(self, discriminator):
            calls.append(("after", self.name))

    regularizer = Combined([Part("2"), Part("5")])
    regularizer.wrap_layer(torch.nn.Linear(2, 2), "last")
    regularizer.after_step(None)
    assert calls == [("wrap", "2"), ("wrap", "5"), ("after", "2"), ("after", "5")]
    assert regularizer.penalty(None, judged(images, images)) == 7


@pytest.mark.parametrize(
    "pair", list(itertools.permutations([SpectralNorm, WeightNorm, FrobeniusNorm], 2))
)
def test_a_weight_is_normalised_once(pair, resnet):
    with pytest.raises(ValueError, match="regularizer must name one of spectral_norm, weight_norm"):
        resnet(Combined([part() for part in pair]))
