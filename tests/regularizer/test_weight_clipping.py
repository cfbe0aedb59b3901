import pytest
import torch
from torch import nn

from sngan.architecture.base import weighted_layers
from sngan.regularizer.weight_clipping import WeightClipping


@pytest.mark.parametrize("kind", ["cnn", "resnet"])
def test_clips_convolutions_and_nothing_else(kind, request):
    discriminator = request.getfixturevalue(kind)(WeightClipping(0.01))
    for parameter in discriminator.parameters():
        nn.init.normal_(parameter)
    before = {name: tensor.clone() for name, tensor in discriminator.state_dict().items()}
    WeightClipping(0.01).after_step(discriminator)
    convolutions = {
        f"{name}.weight"
        for name, layer in weighted_layers(discriminator).items()
        if isinstance(layer, nn.Conv2d)
    }
    assert len(convolutions) == {"cnn": 7, "resnet": 10}[kind]
    for name, now in discriminator.state_dict().items():
        expected = before[name].clamp(-0.01, 0.01) if name in convolutions else before[name]
        assert torch.equal(now, expected), name


def test_building_changes_nothing():
    layer = nn.Conv2d(3, 4, 3)
    assert WeightClipping().wrap_layer(layer, "hidden") is layer
    assert layer.weight.abs().max() > 0.01


@pytest.mark.parametrize("bound", [0, -1, "x", True, float("nan")])
def test_bound_must_be_positive(bound):
    with pytest.raises(ValueError, match=r"^bound must be a number > 0 and <= 1000000000.0, got"):
        WeightClipping(bound)
