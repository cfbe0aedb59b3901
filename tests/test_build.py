import pytest
import torch
from omegaconf import OmegaConf

from sngan import build
from sngan.architecture.cnn import CnnGenerator

CONFIG = {
    "architecture": {
        "generator": {
            "_target_": "sngan.architecture.cnn.CnnGenerator",
            "image_size": 16,
            "width": 0.05,
        }
    },
    "optimizer": {"_target_": "torch.optim.Adam", "betas": [0.5, 0.9]},
}


def test_our_own_components_are_trusted():
    assert build.trusted(CONFIG).optimizer.betas == [0.5, 0.9]


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "sngan.checkpoint.os.system",
        "sngan.checkpoint.save",
        "sngan.architecture.cnn.torch.load",
        "sngan.architecture.cnn.Sequence",
        "sngan.architecture.cnn.Nothing",
        "sngan.extractor.inception.Inception",
        "hydra.utils.instantiate",
        3,
    ],
)
@pytest.mark.parametrize("place", ["node", "list"])
def test_a_strangers_target_is_refused(target, place):
    node = {"_target_": target}
    with pytest.raises(ValueError, match="which is not of sngan"):
        build.trusted({"x": {"y": node if place == "node" else [1, [node]]}})


def test_generator_comes_back():
    generator = CnnGenerator(16, width=0.05)
    state = {"iteration": {"generator": generator.state_dict()}}
    other = build.build_generator(OmegaConf.create(CONFIG), state)
    assert torch.equal(other.dense.weight, generator.dense.weight)


def test_weights_that_do_not_fit():
    state = {"iteration": {"generator": CnnGenerator(16, width=0.1).state_dict()}}
    with pytest.raises(ValueError, match="do not fit its configuration"):
        build.build_generator(OmegaConf.create(CONFIG), state)
