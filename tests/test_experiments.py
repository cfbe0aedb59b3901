"""Every experiment and scale composes; every experiment trains two steps on built-in pictures."""

import json

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from sngan.cli import CONFIG_DIR
from sngan.settings import check_settings

EXPERIMENTS = sorted(
    path.relative_to(CONFIG_DIR / "experiment").with_suffix("").as_posix()
    for path in (CONFIG_DIR / "experiment").rglob("*.yaml")
)
SCALES = sorted(path.stem for path in (CONFIG_DIR / "scale").glob("*.yaml"))


def test_all_are_found():
    assert EXPERIMENTS == ["cifar10", "cifar10_resnet", "quickstart"]
    assert SCALES == ["cpu", "paper", "smoke"]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_composes(experiment, scale):
    with initialize_config_dir(version_base="1.3", config_dir=str(CONFIG_DIR)):
        config = compose("train", [f"+experiment={experiment}", f"+scale={scale}"])
    check_settings(OmegaConf.masked_copy(config, [k for k in config if k != "run_dir"]), [])


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_trains_two_steps(experiment, command, tmp_path):
    command(
        "sngan-train",
        "+scale=smoke",  # In the wrong order on purpose: the scale must win all the same.
        f"+experiment={experiment}",
        "dataset=synthetic",
        "dataset.num_images=200",
        "total_steps=2",
        "run_dir=run",
    )
    lines = [json.loads(x) for x in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert {line["step"] for line in lines} == {2}
    config = OmegaConf.load(tmp_path / "run" / "config.yaml")
    assert config.architecture.width == 0.0625
