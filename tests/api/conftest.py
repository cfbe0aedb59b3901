"""Runs of a few steps, made once as a program makes them."""

import pytest

from sngan.api.training import train

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100")
CONDITIONAL = (
    "architecture=resnet_cifar",
    "architecture.n_classes=4",
    "architecture.conditioning=projection",
    "total_steps=1",
)


@pytest.fixture(autouse=True)
def _consent_of_its_own(tmp_path, monkeypatch):
    """Keep what tests consent to out of the user's configuration."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The folder of an unconditional run of four steps; tests that change it copy it."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(*SMOKE, run_dir=folder)
    return folder


@pytest.fixture(scope="session")
def conditional_run(tmp_path_factory):
    """The folder of a run with four classes."""
    folder = tmp_path_factory.mktemp("runs") / "conditional"
    train(*SMOKE, *CONDITIONAL, run_dir=folder)
    return folder
