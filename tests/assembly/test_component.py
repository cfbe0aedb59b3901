"""A node becomes an object with the Hydra that is installed, and with the next one."""

import pytest
from hydra.errors import InstantiationException

from sngan.assembly import component as module
from sngan.assembly import hydra_versions
from sngan.assembly.component import component
from sngan.assembly.hydra_versions import allowed
from sngan.system.require import SettingError

LOSS = {"_target_": "sngan.loss.hinge.HingeLoss"}


@pytest.mark.parametrize("target", ["os.system", "logging.os.system"])
def test_hydra_itself_refuses_what_runs_commands_under_any_name(target, tmp_path):
    """Before 1.3.4 it refused nothing, before 1.3.6 a function by one of its names only."""
    with pytest.raises(ValueError, match=r"^x: Target 'os.system'"):
        component({"_target_": target, "command": f"touch {tmp_path}/hacked"}, "x")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("is_wrapped", [True, False], ids=["1.3", "1.4"])
@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (SettingError("gain", "must be one, got 2"), ValueError, "loss.gain must be one, got 2"),
        (FileNotFoundError("no weights"), FileNotFoundError, "no weights"),
        (ModuleNotFoundError("pip install it"), ModuleNotFoundError, "pip install it"),
        (
            TypeError("no x"),
            ValueError,
            "loss: sngan.loss.hinge.HingeLoss raised TypeError('no x')",
        ),
        (
            ImportError("broken"),
            ValueError,
            "loss: sngan.loss.hinge.HingeLoss cannot be imported: broken",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_says_the_same_bare_and_wrapped(raised, kind, said, is_wrapped, monkeypatch):
    def instantiate(*args, **kwargs):
        if is_wrapped:
            raise InstantiationException("Error in call to target") from raised
        raise raised

    monkeypatch.setattr(module, "instantiate", instantiate)
    with pytest.raises(kind) as caught:
        component(LOSS, "loss")
    assert str(caught.value) == said


def test_what_is_allowed_is_what_a_node_names(monkeypatch):
    node = {**LOSS, "parts": [{"_target_": "a.B", "x": {"y": [{"_target_": "c.D"}]}}, 1, "e.F"]}
    monkeypatch.setattr(hydra_versions, "IS_NEW", True)
    assert allowed(node) == {"_execution_whitelist_": ["sngan.loss.hinge.HingeLoss", "a.B", "c.D"]}
    monkeypatch.setattr(hydra_versions, "IS_NEW", False)
    assert allowed(node) == {}


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("extractor", " extractor=efficientnet_lite0 "),
        ("monitor.scores.extractor", " extractor@monitor.scores.extractor=efficientnet_lite0 "),
    ],
)
def test_advice_is_in_the_words_of_the_place(place, word, tmp_path):
    node = {"_target_": "sngan.extractor.inception.Inception", "weights": str(tmp_path / "none")}
    with pytest.raises(FileNotFoundError, match=f"^{place}.weights must be") as told:
        component(node, place)
    assert word in str(told.value)
