"""Networks of checkpoints whose configuration is not of them."""

import re
import resource

import pytest

from sngan.architecture.cnn import CnnGenerator
from sngan.assembly.component import component
from sngan.assembly.networks import build_generator
from sngan.system.printable import shown

TARGET = "sngan.architecture.cnn.CnnGenerator"


def built(**settings):
    weights = CnnGenerator(16, width=0.05).state_dict()
    node = {"_target_": TARGET, "image_size": 16, "width": 0.05, **settings}
    return build_generator(
        {"architecture": {"generator": node}}, {"iteration": {"generator": weights}}
    )


def test_one_that_fits():
    assert built().latent_size == 128


@pytest.mark.parametrize("settings", [{"width": 0.06}, {"latent_size": 3}, {"image_size": 32}])
def test_one_that_does_not(settings):
    with pytest.raises(ValueError, match="the checkpoint's weights do not fit its conf") as error:
        built(**settings)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    "settings", [{"width": 30}, {"channels": [2**16, 2**10]}, {"image_size": 2**12}]
)
def test_a_stranger_cannot_take_all_memory(settings):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=r"do not fit its configuration, which is of a larger"):
        built(**settings)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**18  # KiB.


@pytest.mark.parametrize("node", [None, 3, "x", [], {}, {"width": 1}])
def test_what_names_no_component(node):
    said = re.escape(f"loss must name its _target_, got {shown(node)}")
    with pytest.raises(ValueError, match=f"^{said}$"):
        component(node, "loss")


def test_a_member_of_another_group():
    with pytest.raises(
        ValueError, match=r"architecture\.generator cannot be a member of loss, got"
    ):
        component({"_target_": "sngan.loss.hinge.HingeLoss"}, "architecture.generator")
    assert component({"_target_": "sngan.loss.hinge.HingeLoss"}, "loss")


@pytest.mark.parametrize("value", ["???", ["???"], {"x": "???"}])
def test_a_value_that_the_configuration_library_takes_for_a_word_of_its_own(value):
    target = "sngan.dataset.synthetic.SyntheticShapes"
    with pytest.raises(ValueError, match=r"^dataset"):
        component({"_target_": target, "image_size": value}, "dataset")
