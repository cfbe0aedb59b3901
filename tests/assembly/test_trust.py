import pytest

from sngan.assembly.trust import check_trusted

CONFIG = {
    "architecture": {"generator": {"_target_": "sngan.architecture.cnn.CnnGenerator"}},
    "regularizer": {"x": {"_target_": "sngan.regularizer.spectral_norm.SpectralNorm"}},
    "optimizer": {"_target_": "torch.optim.Adam", "betas": [0.5, 0.9]},
}


def test_our_own_components_are_trusted():
    check_trusted(CONFIG)


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "sngan.run_folder.checkpoint.os.system",
        "sngan.run_folder.checkpoint.save",
        "sngan.architecture.cnn.torch.load",
        "sngan.architecture.cnn.Sequence",
        "sngan.architecture.cnn.CnnGenerator.forward",
        "sngan.architecture.cnn.Nothing",
        "sngan.metric.kid.KernelInceptionDistance",
        "hydra.utils.instantiate",
        3,
    ],
)
@pytest.mark.parametrize("place", ["node", "list"])
def test_a_strangers_target_is_refused(target, place):
    node = {"_target_": target}
    with pytest.raises(ValueError, match="which is not of sngan"):
        check_trusted({"x": {"y": node if place == "node" else [1, [node]]}})


@pytest.mark.parametrize("text", ["${oc.env:HOME}", "x${oc.create:{_target_:os.getcwd}}"])
def test_an_interpolation_is_refused(text):
    """It could run a resolver when the value is read."""
    for node in ({"x": [text]}, {text: 1}):
        with pytest.raises(ValueError, match="holds an interpolation"):
            check_trusted(node)
