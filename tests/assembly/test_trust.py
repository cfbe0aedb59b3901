import sys

import pytest

from sngan.assembly.trust import check_trusted, fingerprints, foreign_packages

CONFIG = {
    "architecture": {"generator": {"_target_": "sngan.architecture.cnn.CnnGenerator"}},
    "regularizer": {"x": {"_target_": "sngan.regularizer.spectral_norm.SpectralNorm"}},
    "optimizer": {"_target_": "torch.optim.Adam", "betas": [0.5, 0.9]},
}


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Make a package that imports a few things, as all do."""
    (tmp_path / "stranger.py").write_text(
        "import os\nfrom pathlib import Path\nfrom torch import nn\n"
        "class Thing(nn.Module):\n    pass\n"
        "def make():\n    return Thing()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("stranger", None)


def thing(**arguments):
    return {"loss": {"_target_": "stranger.Thing", **arguments}}


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


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (({"_target_": "os.system"},), "tuple"),
        ({1, 2}, "set"),
        ({("_target_",): 1}, "tuple|key"),
        ({1: {"_target_": "os.system"}}, "key that is no text"),
        (b"x", "bytes"),
    ],
)
def test_what_json_has_not_is_refused(value, kind):
    """The configuration library makes lists and texts of it, after we have looked at it."""
    for node in ({"x": value}, {"x": [{"y": value}]}):
        with pytest.raises(ValueError, match=f"the plan's configuration holds a ({kind})"):
            check_trusted(node, source="the plan")


def test_a_package_is_not_imported_before_it_is_trusted(stranger):
    with pytest.raises(ValueError, match=r"'trust=\[stranger\]' if you know what is in it"):
        check_trusted(thing(), trust=["other"])
    assert "stranger" not in sys.modules
    check_trusted(thing(), trust=["stranger"])


@pytest.mark.parametrize("target", ["Thing", "make"])
def test_what_a_trusted_package_defines_may_be_named(stranger, target):
    check_trusted({"x": {"_target_": f"stranger.{target}"}}, trust=["stranger"])


@pytest.mark.parametrize(
    ("target", "origin"),
    [
        ("os.system", "posix"),
        ("Path", "pathlib"),
        ("nn.Linear", "torch"),
        ("Thing.load_state_dict", "torch"),
        ("Thing.mro", "builtins"),
        ("__builtins__.get", "builtins"),
    ],
)
def test_what_it_has_imported_may_not(stranger, target, origin):
    node = {"x": {"_target_": f"stranger.{target}"}}
    with pytest.raises(ValueError, match=f"is defined in {origin}, not in stranger"):
        check_trusted(node, trust=["stranger"])
    if origin != "builtins":
        check_trusted(node, trust=["stranger", origin])


@pytest.mark.parametrize("target", ["stranger.Nothing", "nowhere.Thing", "stranger.nowhere.Thing"])
def test_what_is_not_there_is_said(stranger, target):
    with pytest.raises(ValueError, match=f"{target} cannot be imported"):
        check_trusted({"x": {"_target_": target}}, trust=["stranger", "nowhere"])


def test_a_fingerprint_is_consent_to_a_component_with_its_arguments():
    trust = fingerprints({**CONFIG, **thing(size=1, inner={"_target_": "stranger.Part"})})
    assert len(trust) == 2
    check_trusted(thing(size=1, inner={"_target_": "stranger.Part"}), trust)
    check_trusted({"elsewhere": {"_target_": "stranger.Part"}}, trust)
    for changed in (thing(size=2), thing(size=1), {"x": {"_target_": "stranger.Part", "a": 1}}):
        with pytest.raises(ValueError, match="which is not of sngan"):
            check_trusted(changed, trust)


def test_others_must_trust_the_package_and_whoever_defines_what_it_names(stranger):
    assert foreign_packages(CONFIG) == ()
    named = {"x": {"_target_": "stranger.nn.Linear"}, "y": [{"_target_": "stranger.Thing"}]}
    assert foreign_packages(named) == ("stranger", "torch")
    check_trusted(named, foreign_packages(named))
